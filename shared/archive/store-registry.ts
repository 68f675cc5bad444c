/**
 * The store registry (P1): every place where data of customers lives, by the resource that holds it, with what an archive takes of it,
 * or why it takes nothing. A test holds it against the synthesized templates, and another against what a walk writes: a new store, or
 * a new family of keys, that isn't named here fails both.
 *
 * `resource` is the construct's path in its stack, `*` for whatever comes before; what no template shows has none. `keys` are partition keys, `*` for an id.
 */
import type { DocumentKind } from './schemas.ts';

type Archived =
  /** Kinds of files that it goes into; whether an import makes it again, and if not, why. */
  | { readonly exported: readonly DocumentKind[]; readonly imported: true | string }
  /** Why no archive holds it. */
  | { readonly excluded: string };

export type Store = Archived & {
  readonly name: string;
  readonly resource?: string;
  readonly keys?: readonly string[];
};

const SECRET = 'Secrets are never in an archive.';
const INDEX = 'It only finds what other stores hold; an import makes it anew.';
const WORK = 'Work in progress and its traces, not what the customer entered or sent.';
const LOG = 'Ids of requests; no value of a customer’s is written to it.';
const ENTITIES = 'Tables/Entities';
const READINGS = 'Tables/Readings';

export const STORES: readonly Store[] = [
  {
    name: 'account profile',
    resource: ENTITIES,
    keys: ['A#*#ACCOUNT'],
    exported: ['account'],
    imported: 'The account that imports keeps its own.',
  },
  {
    name: 'members',
    resource: ENTITIES,
    keys: ['A#*#MEMBERS'],
    exported: ['members'],
    imported: 'Access is given by hand: invite them.',
  },
  {
    name: 'API clients',
    resource: ENTITIES,
    keys: ['A#*#API-CLIENTS'],
    exported: ['api-clients'],
    imported: 'Their secrets are in no archive: create them anew.',
  },
  { name: 'products', resource: ENTITIES, keys: ['A#*#P#*#PRODUCT'], exported: ['products'], imported: true },
  { name: 'list of products', resource: ENTITIES, keys: ['A#*#PRODUCTS'], excluded: INDEX },
  { name: 'devices', resource: ENTITIES, keys: ['A#*#P#*#DEVICES'], exported: ['devices'], imported: true },
  {
    name: 'lists of devices, by id, number and serial number',
    resource: ENTITIES,
    keys: ['A#*#DEVICES', 'A#*#P#*#NUMBERS', 'A#*#P#*#SERIALS'],
    excluded: INDEX,
  },
  { name: 'credentials of devices', resource: ENTITIES, keys: ['A#*#P#*#CREDENTIALS'], excluded: SECRET },
  {
    name: 'presence of devices',
    resource: ENTITIES,
    keys: ['A#*#P#*#PRESENCE'],
    excluded: 'The state of connections to this instance.',
  },
  {
    name: 'properties',
    resource: ENTITIES,
    keys: ['A#*#PROPERTIES', 'A#*#P#*#PROPERTIES'],
    exported: ['properties'],
    imported: true,
  },
  { name: 'buckets', resource: ENTITIES, keys: ['A#*#BUCKETS'], exported: ['buckets'], imported: true },
  {
    name: 'connectors',
    resource: ENTITIES,
    keys: ['A#*#CONNECTORS'],
    exported: ['connectors'],
    imported: 'Their secrets are in no archive: create them anew.',
  },
  {
    name: 'rejected messages',
    resource: ENTITIES,
    keys: ['A#*#REJECTED'],
    excluded: 'A list of seven days of what could not be stored, without the payloads.',
  },
  { name: 'jobs', resource: ENTITIES, keys: ['A#*#JOBS#*', 'A#*#JOBSLOTS'], excluded: WORK },
  { name: 'answers kept for idempotency keys', resource: ENTITIES, keys: ['A#*#IDEMPOTENCY#*'], excluded: WORK },
  {
    name: 'what was imported, by its ids of before',
    resource: ENTITIES,
    keys: ['A#*#ORIGINS'],
    excluded: 'It says which of the things that are exported came out of which archive.',
  },
  {
    name: 'readings',
    resource: READINGS,
    keys: ['A#*#P#*#FRESH', 'A#*#P#*#BUNDLE', 'A#*#P#*#R#*#*'],
    exported: ['readings'],
    imported: true,
  },
  {
    name: 'catalogs, summaries and the state of compaction',
    resource: READINGS,
    keys: ['A#*#P#*#R#*', 'A#*#P#*#S#*#*', 'A#*#P#*#COMPACTION'],
    excluded: 'Made of the readings; an import makes them anew.',
  },
  {
    name: 'audit trail',
    resource: 'Tables/Audit',
    keys: ['A#*#AUDIT#*'],
    exported: ['audit-events'],
    imported: 'A trail tells what happened to one account of one instance.',
  },
  {
    name: 'keys',
    resource: 'Tables/Keyring',
    keys: ['A#*#KEYRING', 'A#*#BUCKETKEYS', 'A#*#P#*#DEVICEKEYS', 'A#*#P#*#DAYKEYS'],
    excluded: SECRET,
  },
  { name: 'second copies of keys', resource: 'KeyCopies/Bucket', excluded: SECRET },
  {
    name: 'directory',
    resource: 'Tables/Directory',
    excluded: 'Ids alone, by which this instance finds accounts, sign-ins, certificates and connectors.',
  },
  { name: 'work that is due', resource: 'Tables/Work', excluded: WORK },
  {
    name: 'exports and uploads',
    resource: 'Archives/Bucket',
    excluded: 'An archive holds no archives; each can be downloaded for 30 days.',
  },
  {
    name: 'sign-ins',
    resource: 'Identity/Customers',
    excluded: 'Passwords are nobody’s to export; names and e-mail addresses are among the members.',
  },
  { name: 'sign-ins of operators', resource: 'Identity/Operators', excluded: 'Not a customer’s.' },
  {
    name: 'messages on their way in',
    resource: 'Devices/Ingest',
    excluded: 'Not stored yet; the export says how many there were.',
  },
  { name: 'messages that could not be stored', resource: 'Devices/IngestDeadLetters', excluded: WORK },
  { name: 'connections that began or ended', resource: 'Devices/Presence', excluded: WORK },
  { name: 'those that could not be noted', resource: 'Devices/PresenceDeadLetters', excluded: WORK },
  { name: 'secrets about to end', resource: 'SecretEndings/Queue', excluded: WORK },
  { name: 'those that did not end', resource: 'SecretEndings/DeadLetters', excluded: WORK },
  { name: 'compactions', resource: 'Compaction/Queue', excluded: WORK },
  { name: 'those that failed', resource: 'Compaction/DeadLetters', excluded: WORK },
  { name: 'jobs that broke off', resource: 'JobFailures/Queue', excluded: WORK },
  { name: 'access log', resource: 'Gateway/AccessLog', excluded: LOG },
  { name: 'logs of functions', resource: '*/Log', excluded: LOG },
  { name: 'the key that wraps keys', resource: 'MasterKey/Key', excluded: SECRET },
  { name: 'the key that wraps second copies', resource: 'KeyCopies/Key', excluded: SECRET },
  { name: 'history of jobs', excluded: WORK },
  {
    name: 'things, certificates and sessions in AWS IoT',
    excluded: 'Made for the devices that are exported; credentials are never in an archive.',
  },
];
