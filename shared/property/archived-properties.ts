/** Properties as an archive holds them, a line each, with the id of the thing that carries them: `data/properties.ndjson`. */
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime } from '../platform/clock.ts';
import { everyPage } from '../platform/every-page.ts';
import { property, propertyValue } from './property.ts';
import { propertyPartition } from './property-keys.ts';
import { properties, type StoredProperty } from './property-store.ts';

export const propertyDocument = z.strictObject({
  on: z.string().describe('The account, the product or the device.'),
  name: property.shape.name,
  value: propertyValue,
  createdAt: property.shape.updatedAt,
  updatedAt: property.shape.updatedAt,
});
export type PropertyDocument = z.output<typeof propertyDocument>;

const PAGE = 50;
const byName = (a: PropertyDocument, b: PropertyDocument) => (a.name < b.name ? -1 : 1);

const toDocument = ({ key, sealed, createdAt, updatedAt }: StoredProperty): PropertyDocument => ({
  on: key.sk.split('#')[0] ?? '',
  ...sealed,
  createdAt: isoTime(createdAt),
  updatedAt: isoTime(updatedAt),
});

/**
 * Of the account itself, or of a product and its devices, before `before` (epoch ms): by the id of what carries them, then by name.
 * At rest they are in the order of a keyed hash, which says nothing to another account.
 */
export async function* archivedProperties(
  session: AccountSession,
  { product }: { product?: string | undefined },
  before: number,
): AsyncGenerator<PropertyDocument> {
  const pk = propertyPartition(session.account, { id: '', product });
  let own: PropertyDocument[] = [];
  for await (const stored of everyPage((after) => properties.list(session, pk, { limit: PAGE, after }))) {
    if (stored.createdAt >= before) continue;
    const found = toDocument(stored);
    if (own[0] && own[0].on !== found.on) {
      yield* own.sort(byName);
      own = [];
    }
    own.push(found);
  }
  yield* own.sort(byName);
}
