/** The partition keys that a request names, as IAM's `dynamodb:LeadingKeys` sees them, by the table's own key schema. */
import type { AttributeValue, Checked, Item, KeyElement, Table } from './dynalite.ts';

export function partitionKeyOf(table: Table, indexName?: string): string | undefined {
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])];
  const schema: readonly KeyElement[] | undefined = indexName
    ? indexes.find(({ IndexName }) => IndexName === indexName)?.KeySchema
    : table.KeySchema;
  return schema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
}

function text(value: AttributeValue | undefined): string[] {
  const scalar = value?.S ?? value?.N ?? value?.B;
  return typeof scalar === 'string' ? [scalar] : [];
}

/** Of items or keys: those that lack the attribute add nothing, and are refused by the action. */
export function leadingKeysOfItems(table: Table, items: readonly (Item | undefined)[]): string[] {
  const name = partitionKeyOf(table);
  return name ? items.flatMap((item) => text(item?.[name])) : [];
}

/**
 * Of a Query: dynalite has turned its key condition expression into `KeyConditions`, and runs on those. Only equality
 * names a key; everything else is refused by the action.
 */
export function leadingKeysOfQuery(table: Table, query: Checked): string[] {
  const name = partitionKeyOf(table, query.IndexName);
  const condition = name ? query.KeyConditions?.[name] : undefined;
  return condition?.ComparisonOperator === 'EQ' ? condition.AttributeValueList.flatMap(text) : [];
}
