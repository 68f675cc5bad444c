/**
 * Slots: an account runs so many jobs at once, and more wait. A slot carries the id of the job in it, and a job takes its slot and
 * becomes running in one write: a slot whose job isn't running, or is lost, is free whatever killed the job.
 */
import { DeleteItemCommand, QueryCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { tookPlace } from '../platform/dynamodb.ts';
import { ConditionFailed, writeTogether } from '../platform/entity.ts';
import { isOver, JOB_KINDS, runningJob, seenJob } from './job.ts';
import { slotKey, slotPartition } from './job-keys.ts';
import { jobs, type StoredJob } from './job-store.ts';

/** Jobs of one account that run at once. */
export const MOST_AT_ONCE = 2;
const SLOTS = Array.from({ length: MOST_AT_ONCE }, (_, slot) => String(slot));

const slotRow = z.object({ sk: z.string(), job: z.string(), kind: z.enum(JOB_KINDS) });
type Slot = z.output<typeof slotRow>;

async function slotsInUse({ account, db, tables }: AccountSession): Promise<Slot[]> {
  const { Items = [] } = await db.send(
    new QueryCommand({
      TableName: tables.entities,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': slotPartition(account) }),
      ConsistentRead: true,
    }),
  );
  return Items.map((item) => slotRow.parse(unmarshall(item)));
}

function putSlot(session: AccountSession, slot: string, of: StoredJob, instead: Slot | undefined): TransactWriteItem {
  return {
    Put: {
      TableName: session.tables.entities,
      Item: marshall({ ...slotKey(session.account, slot), job: of.plain.id, kind: of.plain.kind }),
      ...(instead
        ? { ConditionExpression: 'job = :old', ExpressionAttributeValues: marshall({ ':old': instead.job }) }
        : { ConditionExpression: 'attribute_not_exists(pk)' }),
    },
  };
}

/** What must be written to take a slot from its job; `undefined` while that job runs. A lost job ends as failed. */
async function endHolder(session: AccountSession, slot: Slot, now: number): Promise<TransactWriteItem[] | undefined> {
  const holder = await jobs.find(session, slot.kind, slot.job);
  if (holder?.plain.status !== 'running') return [];
  const seen = seenJob(holder.plain, holder.updatedAt, now);
  if (!isOver(seen)) return undefined;
  return [await jobs.put(session, jobs.change(holder, now, holder.sealed, seen))];
}

/** A queued job becomes a running one in a slot. False: none is free, or another was quicker. */
export async function takeSlot(session: AccountSession, queued: StoredJob, now: number): Promise<boolean> {
  const inUse = new Map((await slotsInUse(session)).map((slot) => [slot.sk, slot]));
  const running = jobs.change(queued, now, queued.sealed, runningJob(queued.plain));
  for (const name of SLOTS) {
    const slot = inUse.get(name);
    const freed = slot ? await endHolder(session, slot, now) : [];
    if (!freed) continue;
    try {
      const writes = [putSlot(session, name, queued, slot), await jobs.put(session, running), ...freed];
      await writeTogether(session, writes);
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  return false;
}

/** Frees the job's slot, if it still has one. */
export async function freeSlot(session: AccountSession, id: string): Promise<void> {
  for (const { sk, job } of await slotsInUse(session)) {
    if (job !== id) continue;
    await tookPlace(
      session.db.send(
        new DeleteItemCommand({
          TableName: session.tables.entities,
          Key: marshall(slotKey(session.account, sk)),
          ConditionExpression: 'job = :job',
          ExpressionAttributeValues: marshall({ ':job': id }),
        }),
      ),
    );
  }
}
