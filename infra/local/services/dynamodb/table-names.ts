/** A request may name a table by its ARN. Inside, a table has only its name. */
import type { Place } from '../../contract.ts';
import type { Input } from './dynalite.ts';
import { resourceNotFound, validationError } from './errors.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function tableName(given: unknown, { region, account }: Place): unknown {
  if (typeof given !== 'string' || !given.startsWith('arn:')) return given;
  const prefix = `arn:aws:dynamodb:${region}:${account}:table/`;
  if (!given.startsWith(prefix)) throw resourceNotFound();
  return given.slice(prefix.length);
}

/** The same request with names where it had ARNs. */
export function withTableNames(input: Input, place: Place): Input {
  const named: Record<string, unknown> = { ...input };
  if ('TableName' in input) named.TableName = tableName(input.TableName, place);
  if (isObject(input.RequestItems)) {
    const entries = Object.entries(input.RequestItems).map(([name, value]) => [tableName(name, place), value] as const);
    if (new Set(entries.map(([name]) => name)).size < entries.length) {
      throw validationError('One table is named twice in RequestItems');
    }
    named.RequestItems = Object.fromEntries(entries);
  }
  if (Array.isArray(input.TransactItems)) {
    named.TransactItems = input.TransactItems.map((entry: unknown) =>
      isObject(entry)
        ? Object.fromEntries(
            Object.entries(entry).map(([kind, item]) => [
              kind,
              isObject(item) ? { ...item, TableName: tableName(item.TableName, place) } : item,
            ]),
          )
        : entry,
    );
  }
  return named;
}

/** Batch answers name each table as the request did. */
export function asAsked(output: Record<string, unknown>, input: Input, place: Place): Record<string, unknown> {
  if (!isObject(input.RequestItems)) return output;
  const asked = new Map(Object.keys(input.RequestItems).map((given) => [tableName(given, place), given]));
  const rename = (value: unknown) =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, part]) => [asked.get(name) ?? name, part]))
      : value;
  return Object.fromEntries(
    Object.entries(output).map(([member, value]) => [member, member === 'ConsumedCapacity' ? value : rename(value)]),
  );
}
