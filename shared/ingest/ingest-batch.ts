/**
 * Ingest: one batch of messages to one block per account and product. What can't be written is tried again by the queue, message by
 * message; what can't be kept is listed for its account. A message delivered twice makes two equal readings, which read as one.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import { instructionCache } from '../bucket/instructions.ts';
import { type CertificateRow, type Directory, findAccount, findCertificates } from '../directory/directory.ts';
import { keyCache } from '../keyring/keyring.ts';
import type { AccountSession, Tables } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { JsonError, parseJson } from '../platform/json-value.ts';
import { count, errorFields, log } from '../platform/log.ts';
import { keepReadings } from '../readings/keep-readings.ts';
import { rejectMessage } from '../rejected-message/reject-message.ts';
import { accountOfTopic, envelope } from './envelope.ts';
import { type Lookups, type Message, sortMessages } from './sort-messages.ts';

export interface IngestDeps {
  readonly db: DynamoDBClient;
  readonly kms: KMSClient;
  readonly tables: Tables;
  readonly masterKeyId: string;
  readonly directory: Directory;
  readonly now: Now;
  /** A ULID; blocks are in its order. */
  readonly newBlockId: () => string;
}

/** What the queue delivers: the rule's message, with the id of this delivery. */
export interface Delivery {
  readonly messageId: string;
  readonly body: string;
}

/** How long a certificate or an account's state is believed: a revocation stops data within this time. */
const BELIEVED_MS = 15_000;

/** A session of the ingest function's own role for one account: its statements name key families, not accounts. */
export function systemSessions(deps: Pick<IngestDeps, 'db' | 'kms' | 'tables' | 'masterKeyId' | 'now'>) {
  const keyOf = keyCache(deps.now);
  return (account: string): AccountSession => {
    const clients = { account, db: deps.db, kms: deps.kms, tables: deps.tables, masterKeyId: deps.masterKeyId };
    return { ...clients, key: () => keyOf(clients) };
  };
}

/** Values by id, believed for 15 seconds. Only what was found is kept, so that what is new is seen at once. */
function believing<T>(now: Now, load: (ids: string[]) => Promise<Map<string, T>>) {
  const known = new Map<string, { value: T; until: number }>();
  return async (ids: Iterable<string>): Promise<Map<string, T>> => {
    const at = now();
    const wanted = [...new Set(ids)];
    const missing = wanted.filter((id) => (known.get(id)?.until ?? 0) <= at);
    for (const id of missing) known.delete(id);
    if (missing.length > 0) {
      for (const [id, value] of await load(missing)) known.set(id, { value, until: at + BELIEVED_MS });
    }
    return new Map(
      wanted.flatMap((id) => {
        const entry = known.get(id);
        return entry ? [[id, entry.value]] : [];
      }),
    );
  };
}

export function ingestBatch(deps: IngestDeps) {
  const session = systemSessions(deps);
  const collectorsOf = instructionCache();
  const certificates = believing<CertificateRow>(deps.now, (ids) => findCertificates(deps.directory, ids));
  const states = believing<'active' | 'suspended'>(deps.now, async (ids) => {
    const rows = await Promise.all(ids.map(async (id) => [id, await findAccount(deps.directory, id)] as const));
    return new Map(rows.flatMap(([id, row]) => (row ? [[id, row.status]] : [])));
  });

  async function lookUp(messages: readonly Message[]): Promise<Lookups> {
    const owners = messages.flatMap(({ envelope: { topic } }) => accountOfTopic(topic) ?? []);
    const [known, status] = await Promise.all([
      certificates(messages.map((m) => m.envelope.principal)),
      states(owners),
    ]);
    const accounts = await Promise.all(
      [...status].map(
        async ([id, state]) => [id, { status: state, collectors: await collectorsOf(session(id)) }] as const,
      ),
    );
    return { certificates: known, accounts: new Map(accounts) };
  }

  /** Answers the deliveries that must come again. */
  return async (deliveries: readonly Delivery[]): Promise<{ failed: string[] }> => {
    const failed = new Set<string>();
    const messages: Message[] = [];
    for (const { messageId, body } of deliveries) {
      const parsed = readEnvelope(body);
      // Not from our rule: its dead-letter queue keeps it for the operator to look at.
      if (parsed) messages.push({ delivery: messageId, envelope: parsed });
      else failed.add(messageId);
    }
    const { packets, rejections, counts } = sortMessages(messages, await lookUp(messages));
    const act = async (delivered: Iterable<string>, write: () => Promise<void>) => {
      try {
        await write();
      } catch (error) {
        log('error', 'A write of ingest failed; its messages come again.', errorFields(error));
        for (const delivery of delivered) failed.add(delivery);
      }
    };
    await Promise.all([
      ...packets.map(({ account, product, groups, deliveries: of }) =>
        act(of, () => keepReadings(session(account), { id: deps.newBlockId(), product, groups })),
      ),
      ...rejections.map(({ account, delivery, rejection }) =>
        act([delivery], () => rejectMessage(session(account), rejection)),
      ),
    ]);
    if (failed.size === 0) {
      count(deps.now(), {
        ReadingsStored: counts.stored,
        ReadingsUncollected: counts.uncollected,
        MessagesRejected: counts.rejected,
      });
    }
    return { failed: [...failed] };
  };
}

function readEnvelope(body: string) {
  try {
    return envelope.safeParse(parseJson(body)).data;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}
