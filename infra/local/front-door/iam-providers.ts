/** The IAM resources of the templates, put into the authority's registry at each boot. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Place, PolicyDocument, Resource, ResourceProvider } from '../contract.ts';
import type { LocalAuthority } from './authority.ts';

const document = z.custom<PolicyDocument>((value) => value instanceof Object, 'wants a policy document');
const names = z.array(z.string()).default([]);

const roleProperties = z.looseObject({
  AssumeRolePolicyDocument: document,
  ManagedPolicyArns: names,
  MaxSessionDuration: z.coerce.number().int().min(3600).max(43_200).default(3600),
  Path: z
    .string()
    .regex(/^\/([\x21-\x7e]+\/)?$/)
    .default('/'),
  Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: document })).default([]),
  RoleName: z.string().max(64).optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).default([]),
});
const policyProperties = z.looseObject({ PolicyDocument: document, PolicyName: z.string(), Roles: names });
const managedPolicyProperties = z.looseObject({
  ManagedPolicyName: z.string().optional(),
  Path: z.string().default('/'),
  PolicyDocument: document,
  Roles: names,
});

export const iamProviders = (authority: LocalAuthority, place: Place): ResourceProvider[] => [
  roleProvider(authority, place),
  policyProvider(authority),
  managedPolicyProvider(authority, place),
];

const roleProvider = ({ roles }: LocalAuthority, { account }: Place): ResourceProvider => ({
  type: 'AWS::IAM::Role',
  honoured: {
    AssumeRolePolicyDocument: 'decides who gets a session',
    ManagedPolicyArns: "the template's own, and the few of AWS that the host knows; another one stops the boot",
    MaxSessionDuration: 'limits AssumeRole',
    Path: 'part of the ARN',
    Policies: 'decide on every call',
    RoleName: 'default: stack and logical id',
    Tags: 'aws:PrincipalTag of every session',
  },
  ignored: { Description: 'for people' },
  async create(resource) {
    const role = roleProperties.parse(resource.properties);
    const name = role.RoleName ?? physicalName(resource, 64);
    const { arn, id } = roles.put({
      arn: `arn:aws:iam::${account}:role${role.Path}${name}`,
      trust: role.AssumeRolePolicyDocument,
      policies: Object.fromEntries(role.Policies.map((policy) => [policy.PolicyName, policy.PolicyDocument])),
      managedPolicyArns: role.ManagedPolicyArns,
      tags: Object.fromEntries(role.Tags.map(({ Key, Value }) => [Key, Value])),
      maxSessionSeconds: role.MaxSessionDuration,
    });
    return { ref: name, attributes: { Arn: arn, RoleId: id } };
  },
});

const policyProvider = ({ roles }: LocalAuthority): ResourceProvider => ({
  type: 'AWS::IAM::Policy',
  honoured: { PolicyDocument: 'decides on every call', PolicyName: 'its name in the role', Roles: 'gain it at once' },
  ignored: {},
  async create({ properties }) {
    const { PolicyName, PolicyDocument, Roles } = policyProperties.parse(properties);
    for (const role of Roles) roles.attach(role, PolicyName, PolicyDocument);
    return { ref: PolicyName, attributes: { Id: PolicyName } };
  },
});

const managedPolicyProvider = ({ roles }: LocalAuthority, { account }: Place): ResourceProvider => ({
  type: 'AWS::IAM::ManagedPolicy',
  honoured: {
    ManagedPolicyName: 'default: stack and logical id',
    Path: 'part of the ARN',
    PolicyDocument: 'decides on every call',
    Roles: 'gain it at once',
  },
  ignored: { Description: 'for people' },
  async create(resource) {
    const { ManagedPolicyName, Path, PolicyDocument, Roles } = managedPolicyProperties.parse(resource.properties);
    const arn = `arn:aws:iam::${account}:policy${Path}${ManagedPolicyName ?? physicalName(resource, 128)}`;
    roles.putManaged(arn, PolicyDocument);
    for (const role of Roles) roles.attachManaged(role, arn);
    return { ref: arn, attributes: { PolicyArn: arn } };
  },
});

/** The same at every boot; a name that would be too long ends in a hash of the whole. */
function physicalName({ stack, logicalId }: Resource, limit: number): string {
  const whole = `${stack}-${logicalId}`;
  if (whole.length <= limit) return whole;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 12);
  return `${whole.slice(0, limit - hash.length - 1)}-${hash}`;
}
