import * as z from 'zod';
import type { ResourceProvider } from '../../../contract.ts';
import { compilePolicy } from '../../../front-door/iam/policy.ts';
import type { Arns } from '../arns.ts';
import type { Registry } from '../registry/registry.ts';
import { physicalName } from './physical-name.ts';

const properties = z.object({
  PolicyName: z.string().optional(),
  PolicyDocument: z.union([
    z.record(z.string(), z.unknown()),
    z.string().transform((text): unknown => JSON.parse(text)),
  ]),
});

export const policyProvider = ({ registry, arns }: { registry: Registry; arns: Arns }): ResourceProvider => ({
  type: 'AWS::IoT::Policy',
  honoured: {
    PolicyName: 'the name that AttachPolicy takes',
    PolicyDocument: 'decides about every connect, publish, subscribe and delivery',
  },
  ignored: { Tags: 'nothing on the laptop reads tags' },
  create: async (resource) => {
    const { PolicyName: name = physicalName(resource, '-'), PolicyDocument: document } = properties.parse(
      resource.properties,
    );
    // What the evaluator can't read must stop the boot, not a device.
    compilePolicy(document, 'identity');
    registry.policies.put({ name, document: JSON.stringify(document) });
    return { ref: name, attributes: { Arn: arns.of('policy', name), Id: name } };
  },
});
