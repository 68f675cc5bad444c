/** Devices and their credentials at rest. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { getItems } from '../platform/dynamodb.ts';
import { type EntityOf, entityKind } from '../platform/entity.ts';
import { getPointer, listPointers, putPointer, removePointer } from '../platform/pointers.ts';
import * as keys from './device-keys.ts';
import { serialForm } from './serial-number.ts';
import { serials } from './serial-store.ts';

const kind = entityKind('devices', {
  plain: z.object({ id: z.string(), product: z.string(), number: z.number() }),
  sealed: z.object({
    name: z.string(),
    description: z.string().optional(),
    serialNumber: z.string().optional(),
  }),
});
export type StoredDevice = EntityOf<typeof kind>;

const numbered = ({ plain: { id: device, product }, sealed: { serialNumber } }: StoredDevice) => ({
  product,
  device,
  serialNumber,
});

const pointer = z.object({ sk: z.string(), product: z.string() });
const presence = z.object({ sk: z.string(), connected: z.boolean(), at: z.number() });
export type StoredPresence = z.output<typeof presence>;

export const devices = {
  ...kind,

  async find(session: AccountSession, id: string): Promise<StoredDevice | undefined> {
    const found = await getPointer(session, keys.devicePointerKey(session.account, id), pointer);
    return found && kind.get(session, keys.deviceKey(session.account, found.product, id));
  },

  /** The product of each of these devices, without opening what is sealed. */
  async products(session: AccountSession, ids: readonly string[]): Promise<Map<string, string>> {
    const wanted = ids.map((id) => keys.devicePointerKey(session.account, id));
    const found = (await getItems(session.db, session.tables.entities, wanted)).map((item) =>
      pointer.parse(unmarshall(item)),
    );
    return new Map(found.map(({ sk, product }) => [sk, product]));
  },

  /** One page of the account's devices, or of one product's. */
  async page(
    session: AccountSession,
    options: { product?: string | undefined; limit: number; after?: string | undefined },
  ) {
    const { account } = session;
    if (options.product !== undefined)
      return kind.list(session, keys.devicePartition(account, options.product), options);
    const page = await listPointers(session, keys.deviceListPartition(account), options, pointer);
    const wanted = page.items.map(({ sk, product }) => keys.deviceKey(account, product, sk));
    const found = await kind.getMany(session, wanted);
    return { ...page, items: wanted.flatMap(({ pk, sk }) => found.get(pk + sk) ?? []) };
  },

  add: async (session: AccountSession, device: StoredDevice): Promise<TransactWriteItem[]> => [
    await kind.put(session, device),
    putPointer(session, keys.devicePointerKey(session.account, device.plain.id), { product: device.plain.product }),
    putPointer(session, keys.numberKey(session.account, device.plain.product, device.plain.number), {
      device: device.plain.id,
    }),
    ...(await serials.put(session, numbered(device))),
  ],

  /** Writes what was changed; its row by serial number follows. */
  async replace(session: AccountSession, before: StoredDevice, after: StoredDevice): Promise<TransactWriteItem[]> {
    const put = await kind.put(session, after);
    const [had, has] = [before, after].map(({ sealed }) => sealed.serialNumber && serialForm(sealed.serialNumber));
    if (had === has) return [put];
    return [put, ...(await serials.drop(session, numbered(before))), ...(await serials.put(session, numbered(after)))];
  },

  /** Its number stays taken. */
  drop: async (session: AccountSession, device: StoredDevice): Promise<TransactWriteItem[]> => [
    kind.remove(session, device),
    removePointer(session, keys.devicePointerKey(session.account, device.plain.id)),
    ...(await serials.drop(session, numbered(device))),
  ],

  /** Who is connected and was last seen when, by device id; absent for a device that was never seen. */
  async presence(session: AccountSession, of: readonly StoredDevice[]): Promise<Map<string, StoredPresence>> {
    const wanted = of.map(({ plain }) => keys.presenceKey(session.account, plain.product, plain.id));
    const rows = (await getItems(session.db, session.tables.entities, wanted)).map((item) =>
      presence.parse(unmarshall(item)),
    );
    return new Map(rows.map((row) => [row.sk, row]));
  },
};

export const credentials = entityKind('credentials', {
  plain: z.object({ id: z.string(), device: z.string(), certificateId: z.string() }),
  sealed: z.object({}),
});
export type StoredCredential = EntityOf<typeof credentials>;
