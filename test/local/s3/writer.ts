/** A process that uploads until it is killed: whole objects, whose keys it tells, and one that never ends. */
import { Readable } from 'node:stream';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { openS3Door, patterned } from './s3-door.ts';

const [dir] = process.argv.slice(2);
if (!dir) throw new Error('no folder given');
const door = await openS3Door(dir);
const { ref: Bucket } = await door.create('Bucket', {});
const client = door.client('Owner');

async function* endless(): AsyncGenerator<Buffer> {
  for (let i = 0; ; i += 1) yield patterned(65_536, i);
}
const put = (Key: string, Body: Buffer | Readable, ContentLength: number) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength }));
void put('unfinished', Readable.from(endless()), 1024 ** 3);
for (let i = 0; ; i += 1) {
  // Every other one replaces what was there.
  const key = `object-${i - (i % 2)}`;
  await put(key, patterned(100_000, i), 100_000);
  process.stdout.write(`${key} ${i}\n`);
}
