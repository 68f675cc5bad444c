/** Blocks by their exact keys, those of many devices in one request. */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AccountSession } from '../../platform/account-session.ts';
import { getItems } from '../../platform/dynamodb.ts';
import { type BlockOwner, blockPartition, pieceKey } from './block-keys.ts';
import { parseBlock, type StoredBlock } from './block-store.ts';

interface Wanted {
  readonly owner: BlockOwner;
  readonly sk: string;
}

async function get(session: AccountSession, wanted: readonly Wanted[]): Promise<StoredBlock[]> {
  const owners = new Map(wanted.map(({ owner }) => [blockPartition(session.account, owner), owner]));
  const keys = wanted.map(({ owner, sk }) => ({ pk: blockPartition(session.account, owner), sk }));
  return (await getItems(session.db, session.tables.readings, keys)).flatMap((item) => {
    const raw = unmarshall(item);
    const owner = owners.get(String(raw.pk));
    return owner ? [parseBlock(owner, raw)] : [];
  });
}

/** All pieces of a span of these devices; what isn't there is absent. */
export async function getSpans(
  session: AccountSession,
  owners: readonly BlockOwner[],
  span: string,
): Promise<StoredBlock[]> {
  const firsts = await get(
    session,
    owners.map((owner) => ({ owner, sk: span })),
  );
  const more = firsts.flatMap(({ owner, pieces }) =>
    Array.from({ length: pieces }, (_, i) => ({ owner, sk: pieceKey(span, i + 1) })),
  );
  return more.length === 0 ? firsts : [...firsts, ...(await get(session, more))];
}
