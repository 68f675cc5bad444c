/** The IAM roles of the templates. In memory: each boot reads them from the templates again. */
import { createHash } from 'node:crypto';
import type { PolicyDocument } from '../contract.ts';
import type { CompiledPolicy } from './iam/policy.ts';
import { compilePolicy } from './iam/policy.ts';
import { awsManagedPolicy, isAwsManaged } from './managed-policies.ts';

export interface RoleDefinition {
  readonly arn: string;
  readonly trust: PolicyDocument;
  /** By name; more can be attached later. */
  readonly policies?: Readonly<Record<string, PolicyDocument>>;
  readonly managedPolicyArns?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  /** Default: 3600, as on AWS. */
  readonly maxSessionSeconds?: number;
}

export interface Role {
  readonly arn: string;
  readonly name: string;
  /** As AWS's `AROA…`; the same at every boot. */
  readonly id: string;
  readonly trust: CompiledPolicy;
  readonly tags: Readonly<Record<string, string>>;
  readonly maxSessionSeconds: number;
  identityPolicies(): CompiledPolicy[];
}

export interface Roles {
  /** Defines the role, or replaces it and all that was attached to it. */
  put(definition: RoleDefinition): Role;
  get(arn: string): Role | undefined;
  named(name: string): Role | undefined;
  /** Attaches an inline policy; the same name replaces. */
  attach(roleName: string, policyName: string, document: PolicyDocument): void;
  attachManaged(roleName: string, policyArn: string): void;
  /** A managed policy of the template. */
  putManaged(policyArn: string, document: PolicyDocument): void;
}

interface MutableRole extends Role {
  readonly inline: Map<string, CompiledPolicy>;
  readonly managed: Set<string>;
}

export function createRoles(): Roles {
  const byArn = new Map<string, MutableRole>();
  const managed = new Map<string, CompiledPolicy>();

  const managedPolicy = (arn: string): CompiledPolicy => {
    const policy = isAwsManaged(arn) ? awsManagedPolicy(arn) : managed.get(arn);
    if (!policy) throw new Error(`no managed policy ${arn}`);
    return policy;
  };
  const named = (name: string): MutableRole | undefined => byArn.values().find((role) => role.name === name);
  const existing = (name: string): MutableRole => {
    const role = named(name);
    if (!role) throw new Error(`no role ${name} to attach a policy to`);
    return role;
  };
  const attachManagedTo = (role: MutableRole, arn: string): void => {
    managedPolicy(arn); // An unknown one stops the boot here, not at the first call.
    role.managed.add(arn);
  };

  return {
    put(definition) {
      const inline = Object.entries(definition.policies ?? {}).map(
        ([name, document]) => [name, compilePolicy(document, 'identity')] as const,
      );
      const role: MutableRole = {
        arn: definition.arn,
        name: definition.arn.split('/').at(-1) ?? '',
        id: `AROA${createHash('sha256').update(definition.arn).digest('hex').slice(0, 17).toUpperCase()}`,
        trust: compilePolicy(definition.trust, 'trust'),
        tags: definition.tags ?? {},
        maxSessionSeconds: definition.maxSessionSeconds ?? 3600,
        inline: new Map(inline),
        managed: new Set(),
        identityPolicies() {
          return [...this.inline.values(), ...[...this.managed].map(managedPolicy)];
        },
      };
      for (const arn of definition.managedPolicyArns ?? []) attachManagedTo(role, arn);
      byArn.set(role.arn, role);
      return role;
    },
    get: (arn) => byArn.get(arn),
    named,
    attach(roleName, policyName, document) {
      existing(roleName).inline.set(policyName, compilePolicy(document, 'identity'));
    },
    attachManaged: (roleName, policyArn) => attachManagedTo(existing(roleName), policyArn),
    putManaged(policyArn, document) {
      managed.set(policyArn, compilePolicy(document, 'identity'));
    },
  };
}
