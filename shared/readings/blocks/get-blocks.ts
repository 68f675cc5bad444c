/** Blocks by their exact keys, those of many devices in one request. */
import { BatchGetItemCommand, type BatchGetItemCommandOutput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AccountSession } from '../../platform/account-session.ts';
import { type BlockOwner, blockPartition, pieceKey } from './block-keys.ts';
import { parseBlock, type StoredBlock } from './block-store.ts';

/** What DynamoDB takes in one request. */
const MOST_KEYS = 100;

interface Wanted {
  readonly owner: BlockOwner;
  readonly sk: string;
}

async function get(session: AccountSession, wanted: readonly Wanted[]): Promise<StoredBlock[]> {
  const table = session.tables.readings;
  const owners = new Map<string, BlockOwner>();
  let keys = wanted.map(({ owner, sk }) => {
    const pk = blockPartition(session.account, owner);
    owners.set(pk, owner);
    return marshall({ pk, sk });
  });
  const found: StoredBlock[] = [];
  while (keys.length > 0) {
    const answer: BatchGetItemCommandOutput = await session.db.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys.slice(0, MOST_KEYS), ConsistentRead: true } } }),
    );
    for (const raw of answer.Responses?.[table] ?? []) {
      const plain = unmarshall(raw);
      const owner = owners.get(String(plain.pk));
      if (owner) found.push(parseBlock(owner, plain));
    }
    keys = [...(answer.UnprocessedKeys?.[table]?.Keys ?? []), ...keys.slice(MOST_KEYS)];
  }
  return found;
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
