/** The parameters of AssumeRole, read and checked as STS does before it looks at any policy. */
import * as z from 'zod';
import { AwsError } from '../../contract.ts';

const SESSION_MINUTES_MIN = 15;
/** A star or question mark in a tag value could read as a wildcard where policies use it; STS refuses both, and so does this. */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const tag = z.strictObject({
  Key: z
    .string()
    .min(1)
    .max(128)
    .regex(TAG_TEXT)
    .refine((key) => !/^aws:/i.test(key), 'reserved prefix aws:'),
  Value: z.string().max(256).regex(TAG_TEXT),
});

const schema = z.strictObject({
  Action: z.literal('AssumeRole'),
  Version: z.string(),
  RoleArn: z.string().min(20).max(2048),
  RoleSessionName: z.string().regex(/^[\w+=,.@-]{2,64}$/),
  DurationSeconds: z.coerce
    .number()
    .int()
    .min(SESSION_MINUTES_MIN * 60)
    .max(43_200)
    .default(3600),
  Policy: z.string().min(1).max(2048).optional(),
  ExternalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/)
    .optional(),
  Tags: z.array(tag).max(50).default([]),
  TransitiveTagKeys: z.array(z.string()).max(50).default([]),
});
export type AssumeRoleRequest = z.infer<typeof schema>;

export function readAssumeRole(parameters: URLSearchParams): AssumeRoleRequest {
  const parsed = schema.safeParse(unflatten(parameters));
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  const request = parsed.data;
  const keys = request.Tags.map(({ Key }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length)
    throw new AwsError('InvalidParameterValue', 'Duplicate tag keys found. Tag keys are case-insensitive.');
  const orphan = request.TransitiveTagKeys.find((key) => !keys.includes(key.toLowerCase()));
  if (orphan !== undefined)
    throw new AwsError('InvalidParameterValue', 'A transitive tag key must be in the list of session tags.');
  return request;
}

export const invalid = (what: string): AwsError => new AwsError('ValidationError', what);

const LISTS = ['Tags', 'TransitiveTagKeys', 'PolicyArns', 'ProvidedContexts'];
const LIST_MEMBER = /^(\w+)\.member\.(\d{1,3})(?:\.(\w+))?$/;

/** `Tags.member.1.Key=account` → `{ Tags: [{ Key: 'account' }] }` */
function unflatten(parameters: URLSearchParams): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  const lists = new Map<string, Map<string, unknown>>();
  for (const [name, value] of parameters) {
    const [, list, index, member] = LIST_MEMBER.exec(name) ?? [];
    if (list === undefined || index === undefined) {
      if (Object.hasOwn(flat, name)) throw invalid(`${name} is given twice`);
      // An empty list is sent as its bare name.
      flat[name] = value === '' && LISTS.includes(name) ? [] : value;
      continue;
    }
    const items = lists.get(list) ?? new Map<string, unknown>();
    lists.set(list, items);
    const item = items.get(index);
    items.set(index, member === undefined ? value : { ...(typeof item === 'object' ? item : {}), [member]: value });
  }
  for (const [list, items] of lists) flat[list] = [...items.values()];
  return flat;
}
