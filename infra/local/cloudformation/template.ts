/**
 * CloudFormation, as much of it as one CDK app needs: templates are parsed here, checked before anything is made (`check.ts`), and
 * made in the order of their references (`provision.ts`). Owns no state; may touch nothing but the assembly and the providers it
 * is given. It refuses what it doesn't know, because a property that is silently dropped is a promise silently broken.
 */
import * as z from 'zod';

const names = z.union([z.string().transform((name) => [name]), z.array(z.string())]);

const resource = z.strictObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Metadata: z.record(z.string(), z.unknown()).default({}),
  DependsOn: names.default([]),
  Condition: z.string().optional(),
  // What happens at a deletion: the laptop never deletes a resource, so every policy is kept.
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});

const parameter = z.looseObject({ Type: z.string(), Default: z.unknown().optional() });

const output = z.looseObject({
  Value: z.unknown(),
  Condition: z.string().optional(),
  Export: z.strictObject({ Name: z.unknown() }).optional(),
});

/** Strict: a section that isn't listed (`Transform`, `Hooks`) stops the boot. */
export const templateSchema = z.strictObject({
  AWSTemplateFormatVersion: z.string().optional(),
  Description: z.string().optional(),
  Metadata: z.unknown().optional(),
  // Assertions about parameters, such as the bootstrap version that a laptop doesn't have.
  Rules: z.unknown().optional(),
  Parameters: z.record(z.string(), parameter).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resource),
  Outputs: z.record(z.string(), output).default({}),
});

export type Template = z.output<typeof templateSchema>;
export type TemplateResource = z.output<typeof resource>;

export interface StackTemplate {
  readonly name: string;
  readonly template: Template;
}
