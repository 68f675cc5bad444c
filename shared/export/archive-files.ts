/** The files of an archive, in their order, from any place on: documents, the audit trail by month, readings by bucket, device and day. */
import * as z from 'zod';
import { archivedAccount } from '../account/archived-account.ts';
import { archivedApiClients } from '../api-client/archived-api-clients.ts';
import { archiveJson } from '../archive/archive-json.ts';
import type { DocumentKind } from '../archive/schemas.ts';
import type { FileToWrite } from '../archive/writing.ts';
import { archivedEvents } from '../audit/archived-events.ts';
import { archivedConnectors } from '../connector/archived-connectors.ts';
import { archivedDevices } from '../device/archived-devices.ts';
import { archivedMembers } from '../member/archived-members.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTimes } from '../platform/clock.ts';
import { definedJson } from '../platform/defined.ts';
import { archivedProducts } from '../product/archived-products.ts';
import { archivedProperties } from '../property/archived-properties.ts';
import type { ArchivedHour } from '../readings/archived-readings.ts';
import type { ExportInput } from './export.ts';
import { type ExportScope, resolveScope } from './export-scope.ts';
import { BEGINNING, readingDays, readingPlace } from './reading-days.ts';

/** What was written last, or the beginning. */
export const archivePlace = z.discriminatedUnion('at', [
  /** So many documents are written. */
  z.strictObject({ at: z.literal('documents'), done: z.int() }),
  /** Months up to this one are written. */
  z.strictObject({ at: z.literal('audit'), month: z.string() }),
  readingPlace.extend({ at: z.literal('readings') }),
  z.strictObject({ at: z.literal('end') }),
]);
export type ArchivePlace = z.output<typeof archivePlace>;
export const ARCHIVE_BEGINNING: ArchivePlace = { at: 'documents', done: 0 };

/** A file, or none up to this place; where to go on once it is written. */
export interface ArchiveStep {
  readonly file?: FileToWrite;
  readonly next: ArchivePlace;
}

interface Document {
  readonly kind: DocumentKind;
  readonly path: string;
  /** Of which scopes it is part. */
  readonly in: 'account' | 'things' | 'all';
  read(session: AccountSession, scope: ExportScope, cut: number): AsyncIterable<object>;
}

async function* one<T>(value: Promise<T>): AsyncGenerator<T> {
  yield await value;
}

const DOCUMENTS: readonly Document[] = [
  { kind: 'account', path: 'account.json', in: 'account', read: (session) => one(archivedAccount(session)) },
  { kind: 'members', path: 'members.ndjson', in: 'account', read: (session, _, cut) => archivedMembers(session, cut) },
  {
    kind: 'api-clients',
    path: 'api-clients.ndjson',
    in: 'account',
    read: (session, _, cut) => archivedApiClients(session, cut),
  },
  {
    kind: 'connectors',
    path: 'connectors.ndjson',
    in: 'account',
    read: (session, _, cut) => archivedConnectors(session, cut),
  },
  {
    kind: 'products',
    path: 'products.ndjson',
    in: 'all',
    async *read(session, { products }, cut) {
      const wanted = new Set(products);
      for await (const product of archivedProducts(session, cut)) if (wanted.has(product.id)) yield product;
    },
  },
  {
    kind: 'devices',
    path: 'devices.ndjson',
    in: 'all',
    async *read(session, { products, device }, before) {
      for (const product of products) {
        for await (const found of archivedDevices(session, product, { before })) {
          if (device === undefined || found.id === device) yield found;
        }
      }
    },
  },
  {
    kind: 'properties',
    path: 'properties.ndjson',
    in: 'things',
    async *read(session, { isAccount, products, device }, cut) {
      if (isAccount) yield* archivedProperties(session, {}, cut);
      for (const product of products) {
        for await (const found of archivedProperties(session, { product }, cut)) {
          if (device === undefined || found.on === device) yield found;
        }
      }
    },
  },
  {
    kind: 'buckets',
    path: 'buckets.ndjson',
    in: 'all',
    async *read(_, { buckets }) {
      yield* buckets;
    },
  },
];

/** A single bucket's archive holds its readings and what they are of. */
const isPart = (document: Pick<Document, 'in'>, { scope }: Pick<ExportInput, 'scope'>) =>
  document.in === 'all' || ('account' in scope ? true : document.in === 'things' && !('bucket' in scope));

/** What a scope takes in, whoever asks. */
export function kindsOfScope(input: Pick<ExportInput, 'scope'>): ReadonlySet<DocumentKind> {
  const documents = DOCUMENTS.filter((document) => isPart(document, input)).map(({ kind }) => kind);
  return new Set([...documents, ...('account' in input.scope ? (['audit-events'] as const) : []), 'readings']);
}

/** Rows as text, counted. */
function lines<T>(rows: AsyncIterable<T>, line: (row: T) => string) {
  let count = 0;
  async function* content() {
    for await (const row of rows) {
      count += 1;
      yield line(row);
    }
  }
  return { content: content(), rows: () => count };
}

const documentLine = (document: object) => `${archiveJson(definedJson(document))}\n`;

function* months(from: number, to: number): Generator<string> {
  const at = new Date(from);
  at.setUTCDate(1);
  for (; at.getTime() < to; at.setUTCMonth(at.getUTCMonth() + 1)) yield at.toISOString().slice(0, 7);
}

/** Characters of text that are handed on together. */
const PIECE = 64 * 1024;

function readingLines(hours: AsyncIterable<ArchivedHour>) {
  let count = 0;
  async function* content() {
    const [sent, arrived] = [isoTimes(), isoTimes()];
    for await (const { readings } of hours) {
      let text = '';
      for (const { ts, receivedAt, stream, value } of readings) {
        // The name of a stream needs no escapes.
        text += `{"ts":"${sent(ts)}","receivedAt":"${arrived(receivedAt)}","stream":"${stream}","value":${archiveJson(value)}}\n`;
        if (text.length < PIECE) continue;
        yield text;
        text = '';
      }
      count += readings.length;
      yield text;
    }
  }
  return { content: content(), rows: () => count };
}

export async function* archiveFiles(
  session: AccountSession,
  input: ExportInput,
  from: ArchivePlace,
): AsyncGenerator<ArchiveStep> {
  const scope = await resolveScope(session, input);
  const { cut, kinds } = input;
  let place = from;
  if (place.at === 'documents') {
    for (const [index, document] of DOCUMENTS.entries()) {
      if (index < place.done) continue;
      const next: ArchivePlace = { at: 'documents', done: index + 1 };
      if (!isPart(document, input) || !kinds.includes(document.kind)) continue;
      const { kind, path } = document;
      yield { file: { kind, path: `data/${path}`, ...lines(document.read(session, scope, cut), documentLine) }, next };
    }
    place = { at: 'audit', month: '' };
  }
  if (place.at === 'audit') {
    if (scope.isAccount && kinds.includes('audit-events')) yield* auditFiles(session, cut, place.month);
    place = { at: 'readings', ...BEGINNING };
  }
  if (place.at === 'readings' && kinds.includes('readings')) {
    const { at, ...after } = place;
    for await (const { place: reached, hours } of readingDays(session, scope, { cut, after })) {
      const next: ArchivePlace = { at, ...reached };
      const { bucket, device, day } = reached;
      if (!hours) yield { next };
      else {
        const path = `data/readings/${bucket}/${device}/${day}.ndjson.gz`;
        yield { file: { kind: 'readings', path, ...readingLines(hours) }, next };
      }
    }
  }
  yield { next: { at: 'end' } };
}

/** A month without events has no file. */
async function* auditFiles(session: AccountSession, cut: number, after: string): AsyncGenerator<ArchiveStep> {
  const { createdAt } = await archivedAccount(session);
  for (const month of months(Date.parse(createdAt), cut)) {
    if (month <= after) continue;
    const next: ArchivePlace = { at: 'audit', month };
    const events = archivedEvents(session, month, cut);
    const first = await events.next();
    if (first.done) {
      yield { next };
      continue;
    }
    async function* all() {
      yield first.value as object;
      yield* events;
    }
    const path = `data/audit/${month}.ndjson.gz`;
    yield { file: { kind: 'audit-events', path, ...lines(all(), documentLine) }, next };
  }
}
