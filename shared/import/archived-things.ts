/** The things of an archive by their ids of there, as whatever else stands in it refers to them. */
import { DOCUMENTS } from '../archive/schemas.ts';
import type { BucketDocument } from '../bucket/archived-buckets.ts';
import type { DeviceDocument } from '../device/archived-devices.ts';
import type { ProductDocument } from '../product/archived-products.ts';
import type { Bag } from './bag.ts';
import { linesOf, parseLine } from './document-lines.ts';
import { refuse } from './import-error.ts';

export interface ArchivedThings {
  readonly products: ReadonlySet<string>;
  /** The product of each device. */
  readonly devices: ReadonlyMap<string, string>;
  readonly buckets: ReadonlyMap<string, BucketDocument>;
}

type KindOfThings = 'products' | 'devices' | 'buckets';
interface Documents {
  readonly products: ProductDocument;
  readonly devices: DeviceDocument;
  readonly buckets: BucketDocument;
}

const nothing = () => {};

/** Lines of one kind, in their order; none where the archive has no such file. */
export async function* archivedOf<K extends KindOfThings>(
  bag: Bag,
  kind: K,
): AsyncGenerator<Documents[K] & { line: number }> {
  const name = `data/${kind}.ndjson`;
  const file = bag.files.find((one) => one.name === name);
  if (!file) return;
  for await (const line of linesOf(await file.open(), name, nothing)) {
    const document = parseLine(DOCUMENTS[kind], line, name) as Documents[K];
    yield { ...document, line: line.number };
  }
}

/** Throws where an id is there twice, or a device's product isn't. What a bucket collects from may be deleted: it stays, and is empty. */
export async function archivedThings(bag: Bag): Promise<ArchivedThings> {
  const products = new Set<string>();
  const devices = new Map<string, string>();
  const buckets = new Map<string, BucketDocument>();
  const at = (kind: KindOfThings, line: number) => (detail: string) => refuse(detail, `data/${kind}.ndjson`, line);
  for await (const { id, line } of archivedOf(bag, 'products')) {
    if (products.has(id)) throw at('products', line)(`has ${id} twice`);
    products.add(id);
  }
  for await (const { id, product, line } of archivedOf(bag, 'devices')) {
    if (devices.has(id)) throw at('devices', line)(`has ${id} twice`);
    if (!products.has(product))
      throw at('devices', line)(`names the product ${product}, which the archive doesn’t have`);
    devices.set(id, product);
  }
  for await (const { line, ...bucket } of archivedOf(bag, 'buckets')) {
    if (buckets.has(bucket.id)) throw at('buckets', line)(`has ${bucket.id} twice`);
    buckets.set(bucket.id, bucket);
  }
  return { products, devices, buckets };
}
