/** Which id each thing of an archive has here: a line each, kept beside the import for whoever has to change scripts. */
import { beginUpload, completeUpload, PartsWriter } from '../archive/upload-parts.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { archivedOf } from './archived-things.ts';
import type { Bag } from './bag.ts';
import { idsOfHere } from './ids-of-here.ts';
import { mappingName } from './import-objects.ts';

export async function writeMapping(session: AccountSession, job: string, bag: Bag): Promise<void> {
  const name = mappingName(session.account, job);
  const upload = { name, id: await beginUpload(session, name, 'application/x-ndjson') };
  const parts = new PartsWriter(session, upload, { next: 1, rest: Buffer.alloc(0) });
  for await (const line of mappingLines(session, bag)) await parts.write(Buffer.from(`${JSON.stringify(line)}\n`));
  await completeUpload(session, upload, await parts.end());
}

async function* mappingLines(session: AccountSession, bag: Bag) {
  const here = idsOfHere(session);
  for await (const { id: from } of archivedOf(bag, 'products')) {
    yield { kind: 'product', from, to: (await here.product(from))?.id };
  }
  for await (const { id: from } of archivedOf(bag, 'devices')) {
    yield { kind: 'device', from, to: (await here.device(from))?.id };
  }
  for await (const { id: from } of archivedOf(bag, 'buckets')) {
    yield { kind: 'bucket', from, to: (await here.bucket(from))?.id };
  }
}
