/** The things here that an archive refers to: one that stands here under the same id is itself, else what was imported of it. */
import type { Source } from '../bucket/bucket.ts';
import { importedBucket } from '../bucket/import-bucket.ts';
import { productsOfDevices } from '../device/find-device.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { importedProduct } from '../product/import-product.ts';
import { origins } from './origin-store.ts';

export interface Here {
  readonly id: string;
  /** Which import has made it; `undefined`: it was here before all imports. */
  readonly by: string | undefined;
}
interface DeviceHere extends Here {
  readonly product: string;
}
interface BucketHere extends Here {
  readonly source: Source;
}
type Found<T> = Promise<T | undefined>;

/** What was looked up once, by the id of before. */
function memory<T>() {
  const known = new Map<string, Found<T>>();
  return (source: string, find: () => Found<T>): Found<T> => {
    const found = known.get(source) ?? find();
    known.set(source, found);
    return found;
  };
}

/** Remembers what it has found; `undefined`: nothing of it is here. */
export function idsOfHere(session: AccountSession) {
  const [products, devices, buckets] = [memory<Here>(), memory<DeviceHere>(), memory<BucketHere>()];

  async function either<T>(source: string, find: (id: string) => Found<T>): Found<Here & { found: T }> {
    const itself = await find(source);
    if (itself !== undefined) return { id: source, by: undefined, found: itself };
    const origin = (await origins.find(session, [source])).get(source);
    const found = origin && (await find(origin.id));
    return found === undefined ? undefined : { id: origin?.id ?? source, by: origin?.by, found };
  }

  return {
    product: (source: string): Found<Here> =>
      products(source, () => either(source, (id) => importedProduct(session, id))),
    device: (source: string): Found<DeviceHere> =>
      devices(source, async () => {
        const here = await either(source, async (id) => (await productsOfDevices(session, [id])).get(id));
        return here && { id: here.id, by: here.by, product: here.found };
      }),
    bucket: (source: string): Found<BucketHere> =>
      buckets(source, async () => {
        const here = await either(source, (id) => importedBucket(session, id));
        return here && { id: here.id, by: here.by, source: here.found.source };
      }),
  };
}
export type IdsOfHere = ReturnType<typeof idsOfHere>;
