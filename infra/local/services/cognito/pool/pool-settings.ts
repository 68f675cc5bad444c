/** What a template says about a user pool, as far as the laptop acts on it or reports it. Defaults are Cognito's. */
import * as z from 'zod';

export const passwordPolicy = z.object({
  MinimumLength: z.number().int().min(6).max(99).default(8),
  RequireUppercase: z.boolean().default(true),
  RequireLowercase: z.boolean().default(true),
  RequireNumbers: z.boolean().default(true),
  RequireSymbols: z.boolean().default(true),
  TemporaryPasswordValidityDays: z.number().int().min(0).max(365).default(7),
});
export type PasswordPolicy = z.infer<typeof passwordPolicy>;

const inviteTemplate = z.object({
  EmailSubject: z.string().default('Your temporary password'),
  EmailMessage: z
    .string()
    .refine((text) => text.includes('{username}') && text.includes('{####}'), {
      message: 'must contain {username} and {####}',
    })
    .default('Your username is {username} and temporary password is {####}'),
});

/** Kept and reported by DescribeUserPool, without an effect on the laptop. */
const reported = {
  DeletionProtection: z.enum(['ACTIVE', 'INACTIVE']).default('INACTIVE'),
  AccountRecoverySetting: z.unknown().optional(),
  AutoVerifiedAttributes: z.array(z.string()).optional(),
  EmailVerificationMessage: z.string().optional(),
  EmailVerificationSubject: z.string().optional(),
  SmsVerificationMessage: z.string().optional(),
  VerificationMessageTemplate: z.unknown().optional(),
  UserAttributeUpdateSettings: z.unknown().optional(),
  UserPoolTier: z.enum(['LITE', 'ESSENTIALS', 'PLUS']).default('ESSENTIALS'),
  UserPoolAddOns: z.unknown().optional(),
  UserPoolTags: z.record(z.string(), z.string()).optional(),
};

export const poolSettings = z.object({
  ...reported,
  UserPoolName: z.string().optional(),
  Policies: z.object({ PasswordPolicy: passwordPolicy.prefault({}) }).prefault({}),
  UsernameAttributes: z.array(z.enum(['email'])).default([]),
  UsernameConfiguration: z.object({ CaseSensitive: z.boolean().default(true) }).prefault({}),
  AdminCreateUserConfig: z.object({
    AllowAdminCreateUserOnly: z.literal(true),
    InviteMessageTemplate: inviteTemplate.prefault({}),
  }),
  MfaConfiguration: z.enum(['OFF', 'OPTIONAL', 'ON']).default('OFF'),
  EnabledMfas: z.array(z.string()).default([]),
  Schema: z
    .array(
      z.object({
        Name: z.string(),
        AttributeDataType: z.string().optional(),
        Mutable: z.boolean().default(true),
        Required: z.boolean().default(false),
        DeveloperOnlyAttribute: z.boolean().optional(),
        StringAttributeConstraints: z.unknown().optional(),
        NumberAttributeConstraints: z.unknown().optional(),
      }),
    )
    .default([]),
});
export type PoolSettings = z.infer<typeof poolSettings>;

/** Parses a template's properties; the error names the pool and the property. */
export function parsePoolSettings(name: string, properties: unknown): PoolSettings {
  const parsed = poolSettings.safeParse(properties);
  if (!parsed.success) throw new Error(`${name}: ${z.prettifyError(parsed.error)}`);
  const { MfaConfiguration, EnabledMfas } = parsed.data;
  if (MfaConfiguration === 'ON' && !EnabledMfas.includes('SOFTWARE_TOKEN_MFA'))
    throw new Error(`${name}: MfaConfiguration ON needs SOFTWARE_TOKEN_MFA: the laptop has no other second factor`);
  return parsed.data;
}
