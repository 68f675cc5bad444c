import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AwsError } from '../../../infra/local/contract.ts';
import { temporaryFolder } from './service-endpoint.ts';
import { key, startDynamoDb, TableName } from './table.ts';

const folder = temporaryFolder();
let db: Awaited<ReturnType<typeof startDynamoDb>>;
beforeAll(async () => {
  db = await startDynamoDb(folder.dir);
});
afterAll(async () => {
  await db.close();
  folder.remove();
});

const demandsOf = async (name: string, input: object) => {
  const { demands } = await db.service.operation({
    method: 'POST',
    url: new URL('http://localhost/'),
    headers: { 'x-amz-target': `DynamoDB_20120810.${name}` },
    body: Buffer.from(JSON.stringify(input)),
  });
  return demands;
};
const LEADING = 'dynamodb:LeadingKeys';
const tableArn = `arn:aws:dynamodb:eu-central-1:000000000000:table/${TableName}`;
const values = { ':p': { S: 'A#1#x' }, ':s': { S: 's' }, ':t': { S: 't' } };
const query = (KeyConditionExpression: string, ExpressionAttributeValues: object, more: object = {}) => ({
  TableName,
  KeyConditionExpression,
  ExpressionAttributeValues,
  ...more,
});
const { ':p': p, ':s': s } = values;

describe('the partition keys of a Query, however it is written', () => {
  test.each<[string, object]>([
    ['plain', query('pk = :p', { ':p': p })],
    ['without spaces', query('pk=:p', { ':p': p })],
    ['by name', query('#k = :p', { ':p': p }, { ExpressionAttributeNames: { '#k': 'pk' } })],
    ['in parentheses', query('(pk = :p)', { ':p': p })],
    ['value first', query(':p = pk', { ':p': p })],
    ['with a sort key', query('pk = :p AND begins_with(sk, :s)', { ':p': p, ':s': s })],
    ['sort key first', query('sk > :s and pk = :p', { ':p': p, ':s': s })],
    ['AND of its own in BETWEEN', query('(sk BETWEEN :s AND :t) AND (pk = :p)', values)],
    [
      'names that look like each other’s values',
      query(
        '#pk = :p AND #sk = :pk',
        { ':p': p, ':pk': s },
        { ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' } },
      ),
    ],
    [
      'names swapped',
      query('#sk = :p AND #pk = :s', { ':p': p, ':s': s }, { ExpressionAttributeNames: { '#sk': 'pk', '#pk': 'sk' } }),
    ],
    ['old syntax', { TableName, KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: [p] } } }],
    [
      'old syntax with a sort key',
      {
        TableName,
        KeyConditions: {
          sk: { ComparisonOperator: 'GT', AttributeValueList: [s] },
          pk: { ComparisonOperator: 'EQ', AttributeValueList: [p] },
        },
      },
    ],
    [
      'a filter names another account',
      query('pk = :p', { ':p': p, ':o': { S: 'A#2#x' } }, { FilterExpression: 'v = :o' }),
    ],
  ])('%s', async (_, input) => {
    const [demand, ...more] = await demandsOf('Query', input);
    expect(more).toEqual([]);
    expect(demand).toMatchObject({ action: 'dynamodb:Query', resource: tableArn });
    expect(demand?.context?.[LEADING]).toEqual(['A#1#x']);
  });

  test('of an index: its own partition key and its own ARN', async () => {
    const names = { ExpressionAttributeNames: { '#o': 'owner' }, IndexName: 'byOwner' };
    const [demand] = await demandsOf('Query', query('#o = :p', { ':p': p }, names));
    expect(demand?.resource).toBe(`${tableArn}/index/byOwner`);
    expect(demand?.context?.[LEADING]).toEqual(['A#1#x']);
  });

  test.each<[string, object]>([
    ['a condition on the table’s key is no key of the index', query('pk = :p', { ':p': p }, { IndexName: 'byOwner' })],
    ['no equality', query('begins_with(pk, :p)', { ':p': p })],
    ['only the sort key', query('sk = :p', { ':p': p })],
    ['an index that is not there', query('pk = :p', { ':p': p }, { IndexName: 'nothing' })],
    ['a table that is not there', { ...query('pk = :p', { ':p': p }), TableName: 'nothing' }],
  ])('absent: %s', async (_, input) => {
    const [demand] = await demandsOf('Query', input);
    expect(demand?.context?.[LEADING]).toBeUndefined();
  });

  test.each([
    ['OR', 'pk = :p OR pk = :s'],
    ['two conditions on one key', 'pk = :p AND pk = :s'],
    ['NOT', 'NOT pk = :p AND pk = :s'],
    ['IN', 'pk IN (:p, :s)'],
    ['redundant parentheses', '((pk = :p)) AND sk = :s'],
  ])('refused: %s', async (_, expression) => {
    await expect(demandsOf('Query', query(expression, { ':p': p, ':s': s }))).rejects.toThrow(AwsError);
  });
});

describe('other requests', () => {
  const Item = { ...key('A#1'), v: { S: '' } };
  const own = key('A#1');
  const other = key('A#2');
  const update = { UpdateExpression: 'SET v = :v', ExpressionAttributeValues: { ':v': { S: '' } } };
  const check = { ConditionExpression: 'attribute_exists(pk)' };

  test.each<[string, object, [action: string, keys: string[] | undefined][]]>([
    ['GetItem', { TableName, Key: own }, [['GetItem', ['A#1']]]],
    ['PutItem', { TableName, Item }, [['PutItem', ['A#1']]]],
    ['UpdateItem', { TableName, Key: own, ...update }, [['UpdateItem', ['A#1']]]],
    ['DeleteItem', { TableName, Key: own }, [['DeleteItem', ['A#1']]]],
    ['Scan', { TableName }, [['Scan', undefined]]],
    ['Scan', { TableName, FilterExpression: 'pk = :p', ExpressionAttributeValues: { ':p': p } }, [['Scan', undefined]]],
    ['BatchGetItem', { RequestItems: { [TableName]: { Keys: [own, other] } } }, [['BatchGetItem', ['A#1', 'A#2']]]],
    [
      'BatchWriteItem',
      { RequestItems: { [TableName]: [{ PutRequest: { Item } }, { DeleteRequest: { Key: other } }] } },
      [['BatchWriteItem', ['A#1', 'A#2']]],
    ],
    [
      'TransactWriteItems',
      {
        TransactItems: [
          { Put: { TableName, Item } },
          { Update: { TableName, Key: other, ...update } },
          { ConditionCheck: { TableName, Key: key('A#3'), ...check } },
          { Delete: { TableName, Key: key('A#4') } },
          { Put: { TableName: tableArn, Item: key('A#5') } },
        ],
      },
      [
        ['PutItem', ['A#1', 'A#5']],
        ['UpdateItem', ['A#2']],
        ['ConditionCheckItem', ['A#3']],
        ['DeleteItem', ['A#4']],
      ],
    ],
    [
      'TransactGetItems',
      { TransactItems: [{ Get: { TableName, Key: own } }, { Get: { TableName, Key: other } }] },
      [['GetItem', ['A#1', 'A#2']]],
    ],
    ['DescribeTable', { TableName }, [['DescribeTable', undefined]]],
    ['DescribeTimeToLive', { TableName: tableArn }, [['DescribeTimeToLive', undefined]]],
  ])('%s %#', async (name, input, expected) => {
    const demands = await demandsOf(name, input);
    expect(demands.map(({ action, resource }) => [action, resource])).toEqual(
      expected.map(([action]) => [`dynamodb:${action}`, tableArn]),
    );
    expect(demands.map(({ context }) => context?.[LEADING])).toEqual(expected.map(([, keys]) => keys));
  });

  test('two tables are two demands', async () => {
    const demands = await demandsOf('BatchGetItem', {
      RequestItems: { [TableName]: { Keys: [own] }, another: { Keys: [other] } },
    });
    expect(demands.map(({ resource }) => resource)).toEqual([tableArn, tableArn.replace(TableName, 'another')]);
    expect(demands.map(({ context }) => context?.[LEADING])).toEqual([['A#1'], undefined]);
  });

  test('attributes and selection', async () => {
    const [got] = await demandsOf('GetItem', { TableName, Key: own, ProjectionExpression: 'v, m.x, l[0]' });
    expect(got?.context).toMatchObject({
      'dynamodb:Attributes': ['pk', 'sk', 'v', 'm', 'l'],
      'dynamodb:Select': 'SPECIFIC_ATTRIBUTES',
    });
    const [updated] = await demandsOf('UpdateItem', {
      TableName,
      Key: own,
      ...update,
      ConditionExpression: 'attribute_exists(w)',
      ReturnValues: 'ALL_NEW',
    });
    expect(updated?.context).toMatchObject({
      'dynamodb:Attributes': ['pk', 'sk', 'w', 'v'],
      'dynamodb:ReturnValues': 'ALL_NEW',
    });
    const [scanned] = await demandsOf('Scan', { TableName, Select: 'COUNT' });
    expect(scanned?.context).toMatchObject({ 'dynamodb:Select': 'COUNT' });
  });
});
