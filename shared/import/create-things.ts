/** Makes the things of an archive, kind by kind, from any place on: products, devices, buckets, then the properties on them. */
import * as z from 'zod';
import { DOCUMENTS } from '../archive/schemas.ts';
import { importBucket, importedBucket } from '../bucket/import-bucket.ts';
import { importDevice, importedDevice } from '../device/import-device.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { NewId } from '../platform/ids.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { importedProduct, importProduct } from '../product/import-product.ts';
import { importProperty, type PropertyOwner } from '../property/import-property.ts';
import type { Provision } from '../provisioning/provisioner-protocol.ts';
import { archivedOf } from './archived-things.ts';
import type { Bag } from './bag.ts';
import { linesOf, parseLine } from './document-lines.ts';
import { type Here, type IdsOfHere, idsOfHere } from './ids-of-here.ts';
import type { Counts } from './import.ts';
import { type Fate, makeThing } from './make-thing.ts';

export const KINDS_OF_THINGS = ['products', 'devices', 'buckets', 'properties'] as const;
export const kindOfThings = z.enum(KINDS_OF_THINGS);
type KindOfThings = z.output<typeof kindOfThings>;

export interface Creating {
  readonly session: AccountSession;
  readonly bag: Bag;
  readonly dryRun: boolean;
  /** This start of the import. */
  readonly run: string;
  /** Shown to the provisioner. */
  readonly order: string;
  readonly provision: Provision;
  readonly newId: NewId;
  /** Whether the account's own properties may be written. */
  readonly mayWriteAccount: boolean;
}

/** Counts one more. */
export type Count = (fate: Fate, of: keyof Counts) => void;

/** Things made at once, and between two looks at whether it is enough. */
const AT_ONCE = 8;

/** So many of this kind are done: goes on until it is enough; answers how many are done then, and whether that is all of them. */
export async function createSome(
  creating: Creating,
  { kind, done }: { kind: KindOfThings; done: number },
  { count, isEnough }: { count: Count; isEnough: () => boolean },
): Promise<{ done: number; isAll: boolean }> {
  const here = idsOfHere(creating.session);
  const make = (document: unknown) => makers[kind](creating, here, document, count);
  let seen = 0;
  let batch: unknown[] = [];
  const flush = async () => {
    await inParallel(batch, AT_ONCE, make);
    batch = [];
  };
  for await (const document of documentsOf(creating.bag, kind)) {
    seen += 1;
    if (seen <= done) continue;
    batch.push(document);
    if (batch.length < AT_ONCE) continue;
    await flush();
    if (isEnough()) return { done: seen, isAll: false };
  }
  await flush();
  return { done: seen, isAll: true };
}

const nothing = () => {};

async function* documentsOf(bag: Bag, kind: KindOfThings): AsyncGenerator<unknown> {
  if (kind !== 'properties') {
    for await (const { line: _, ...document } of archivedOf(bag, kind)) yield document;
    return;
  }
  const name = 'data/properties.ndjson';
  const file = bag.files.find((one) => one.name === name);
  if (!file) return;
  for await (const line of linesOf(await file.open(), name, nothing)) yield parseLine(DOCUMENTS.properties, line, name);
}

type Maker = (creating: Creating, here: IdsOfHere, document: unknown, count: Count) => Promise<void>;

const makers: Readonly<Record<KindOfThings, Maker>> = {
  async products({ session, dryRun, run, order, provision, newId }, _, document, count) {
    const { account } = session;
    const kind = {
      find: importedProduct,
      newId: () => newId('product'),
      async make(made: z.output<typeof DOCUMENTS.products>, alongside: Parameters<typeof importProduct>[2]) {
        await provision({ order, account, command: { kind: 'add-product', product: made.id } });
        await importProduct(session, made, alongside);
      },
    };
    const { fate } = await makeThing(session, kind, DOCUMENTS.products.parse(document), { dryRun, run });
    count(fate, 'products');
  },

  async devices({ session, dryRun, run, order, provision, newId }, here, document, count) {
    const { account } = session;
    const archived = DOCUMENTS.devices.parse(document);
    const product = (await here.product(archived.product))?.id;
    // Of a dry run, its product isn't made yet.
    if (product === undefined) return count('created', 'devices');
    const kind = {
      find: importedDevice,
      newId: () => newId('device'),
      async make(made: typeof archived, alongside: Parameters<typeof importDevice>[3]) {
        const device = made.id;
        await session.keys.ensure({ product, device });
        const { number } = await provision({ order, account, command: { kind: 'add-device', product, device } });
        if (number === undefined) throw new Error('The provisioner answered no number for a device.');
        await importDevice(session, made, number, alongside);
      },
    };
    const { fate } = await makeThing(session, kind, { ...archived, product }, { dryRun, run });
    count(fate, 'devices');
  },

  async buckets({ session, dryRun, run, newId }, here, document, count) {
    const archived = DOCUMENTS.buckets.parse(document);
    const { product, device, stream } = archived.source;
    // What it collected from may be gone: then so it is here, and it collects nothing, for no id is used twice.
    const source = {
      ...(product === undefined ? {} : { product: (await here.product(product))?.id ?? product }),
      ...(device === undefined ? {} : { device: (await here.device(device))?.id ?? device }),
      ...(stream === undefined ? {} : { stream }),
    };
    const kind = {
      find: importedBucket,
      newId: () => newId('bucket'),
      async make(made: typeof archived, alongside: Parameters<typeof importBucket>[2]) {
        await session.keys.ensure({ bucket: made.id });
        await importBucket(session, made, alongside);
      },
    };
    const { fate } = await makeThing(session, kind, { ...archived, source }, { dryRun, run });
    count(fate, 'buckets');
  },

  async properties(creating, here, document, count) {
    const { on, ...property } = DOCUMENTS.properties.parse(document);
    const owner = await ownerOf(creating, here, on);
    if (owner === 'denied') return count('kept', 'properties');
    // Of a dry run it isn’t made yet; else somebody has deleted it meanwhile.
    if (owner === undefined) return count(creating.dryRun ? 'created' : 'kept', 'properties');
    const fate = await importProperty(creating.session, owner, property, creating);
    // What is on a thing that this import has made, it has made itself before it was interrupted.
    count(fate === 'unchanged' && owner.by === creating.run ? 'created' : fate, 'properties');
  },
};

/** `undefined`: it isn't here. */
async function ownerOf(
  { bag, session, mayWriteAccount }: Creating,
  here: IdsOfHere,
  on: string,
): Promise<(PropertyOwner & Pick<Here, 'by'>) | 'denied' | undefined> {
  if (on === bag.account) return mayWriteAccount ? { id: session.account, by: undefined } : 'denied';
  const product = await here.product(on);
  if (product !== undefined) return { ...product, product: product.id };
  return here.device(on);
}
