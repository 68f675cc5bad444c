/** The items of a transaction request, each checked as the single request that it stands for. */
import * as z from 'zod';
import { check } from './actions.ts';
import type { Checked, Input, ItemAction } from './dynalite.ts';
import { validationError } from './errors.ts';

export const MAX_ITEMS = 100;

/** The IAM action of each kind, and the dynalite action that evaluates it. */
const KINDS = {
  Put: { permission: 'PutItem', action: 'PutItem' },
  Update: { permission: 'UpdateItem', action: 'UpdateItem' },
  Delete: { permission: 'DeleteItem', action: 'DeleteItem' },
  // A delete that is never committed: it has the same parameters and evaluates the same condition.
  ConditionCheck: { permission: 'ConditionCheckItem', action: 'DeleteItem' },
  Get: { permission: 'GetItem', action: 'GetItem' },
} as const satisfies Record<string, { permission: string; action: ItemAction }>;
export type Kind = keyof typeof KINDS;

const REQUIRED: Partial<Record<Kind, string>> = {
  Update: 'UpdateExpression',
  ConditionCheck: 'ConditionExpression',
};

export interface TransactionItem {
  readonly kind: Kind;
  readonly permission: string;
  readonly action: ItemAction;
  readonly input: Input;
  readonly checked: Checked;
}

const requestSchema = z.object({
  TransactItems: z.array(z.record(z.string(), z.record(z.string(), z.unknown()))),
  ClientRequestToken: z.string().min(1).max(36).optional(),
  ReturnConsumedCapacity: z.enum(['INDEXES', 'TOTAL', 'NONE']).optional(),
});
export type TransactionRequest = z.infer<typeof requestSchema>;

export function parseTransaction(input: Input): TransactionRequest {
  const { data, error } = requestSchema.safeParse(input);
  if (!data) throw validationError(`1 validation error detected: ${error.issues[0]?.path.join('.')} is invalid`);
  const count = data.TransactItems.length;
  if (count < 1 || count > MAX_ITEMS) {
    const bound = count < 1 ? 'greater than or equal to 1' : `less than or equal to ${MAX_ITEMS}`;
    throw validationError(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length ${bound}`,
    );
  }
  return data;
}

export function checkItems(request: TransactionRequest, allowed: readonly Kind[]): TransactionItem[] {
  return request.TransactItems.map((entry) => {
    const [[kind, given] = [], ...more] = Object.entries(entry);
    if (!given || more.length > 0 || !allowed.includes(kind as Kind)) {
      throw validationError(`TransactItems can only contain one of ${allowed.join(', ')}`);
    }
    const { permission, action } = KINDS[kind as Kind];
    const required = REQUIRED[kind as Kind];
    if (required && given[required] === undefined) {
      throw validationError(`The ${kind} of a transaction must have a ${required}`);
    }
    // What AWS doesn't know in a transaction (the old condition syntax, return values) has no effect here either.
    const { Expected, AttributeUpdates, ConditionalOperator, AttributesToGet, ReturnValues, ...input } = given;
    const asRequest = { ...input, ReturnConsumedCapacity: request.ReturnConsumedCapacity };
    const checked = check(action, kind === 'Get' ? { ...asRequest, ConsistentRead: true } : asRequest);
    return { kind: kind as Kind, permission, action, input, checked };
  });
}
