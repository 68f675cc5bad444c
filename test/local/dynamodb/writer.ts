/** A process that writes transactions until it is killed, and tells each one that was acknowledged. */
import { PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { key, startDynamoDb, TableName } from './table.ts';

const [dir] = process.argv.slice(2);
if (!dir) throw new Error('no folder given');
const { client } = await startDynamoDb(dir);
for (let i = 0; ; i += 1) {
  const owner = { owner: { S: `o${i}` } };
  const Put = (sk: string) => ({ Put: { TableName, Item: { ...key(`t${i}`, sk), ...owner } } });
  await Promise.all([
    client.send(new TransactWriteItemsCommand({ TransactItems: [Put('1'), Put('2'), Put('3')] })),
    client.send(new PutItemCommand({ TableName, Item: { ...key(`s${i}`), ...owner } })),
  ]);
  process.stdout.write(`${i}\n`);
}
