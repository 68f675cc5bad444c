import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { hostClock } from '../../../infra/local/clock.ts';
import { checkJournal } from '../../../infra/local/leveldb-journal.ts';
import { openDynamoDb } from '../../../infra/local/services/dynamodb/service.ts';
import { PLACE, temporaryFolder } from './fixture.ts';

const ITEMS = 40;
const ITEM_BYTES = 9_000;
const HEADER = 7;
const BLOCK = 32_768;

/** What the laptop's DynamoDB leaves when it is killed: items in its journal, over several blocks. */
let journal: Buffer;
beforeAll(async () => {
  let cleanUp = () => {};
  const dir = path.join(
    temporaryFolder((undo) => {
      cleanUp = undo;
    }),
    'dynamodb',
  );
  mkdirSync(dir);
  const authority = { authorize: () => {}, assume: () => Promise.reject(new Error('not used')) } as never;
  const dynamodb = await openDynamoDb({ ...PLACE, dir, clock: hostClock(), authority, log: () => {} });
  const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
  const properties = {
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [attribute('pk')],
    BillingMode: 'PAY_PER_REQUEST',
    Replicas: [{ Region: PLACE.region }],
  };
  const table = { stack: 'Stack', logicalId: 'Table', type: 'AWS::DynamoDB::GlobalTable', properties, metadata: {} };
  const { ref } = await dynamodb.providers[0]!.create(table);
  for (let i = 0; i < ITEMS; i += 1) {
    const Item = { pk: { S: `item-${i}` }, text: { S: 'x'.repeat(ITEM_BYTES) } };
    const operation = await dynamodb.service.operation({
      method: 'POST',
      url: new URL('http://127.0.0.1/'),
      headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem' },
      body: Buffer.from(JSON.stringify({ TableName: ref, Item })),
    });
    await operation.run({ kind: 'service', service: 'test' });
  }
  const name = readdirSync(dir).find((file) => file.endsWith('.log'));
  journal = readFileSync(path.join(dir, String(name)));
  await dynamodb.service.close();
  cleanUp();
});

test('a journal of several blocks is whole', () => {
  expect(journal.length).toBeGreaterThan(5 * BLOCK);
  expect(() => checkJournal(journal)).not.toThrow();
});

test.each([0, HEADER + 100, BLOCK - 1000, BLOCK + HEADER + 5, 3 * BLOCK + 4321])(
  'a changed byte at %i is found',
  (at) => {
    const changed = Buffer.from(journal);
    changed.writeUInt8(changed.readUInt8(at) ^ 0x20, at);
    expect(() => checkJournal(changed)).toThrow(/at byte \d+/);
  },
);

test('noise in its place is found', () => {
  expect(() => checkJournal(Buffer.alloc(800, 'noise'))).toThrow('no record at byte 0');
});

test('a last record that was cut short is none, as LevelDB sees it', () => {
  for (const cut of [1, 3, 500]) expect(() => checkJournal(journal.subarray(0, journal.length - cut))).not.toThrow();
});
