/** What is due for a product, and when: put by whoever learns of it, any number of times, and taken by the sweeper. */
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type DueKind, dueKey } from './work-keys.ts';

export interface WorkTable {
  readonly db: DynamoDBClient;
  readonly table: string;
}

export interface Due {
  readonly kind: DueKind;
  readonly account: string;
  readonly product: string;
  /** `yyyy-mm-dd`, of a `day-key`. */
  readonly day?: string;
}

const HOUR_MS = 3_600_000;

/** The slot that begins at this time or, where it lies between two, the later one. `at`: epoch ms. */
export const slotAt = (at: number): string => new Date(Math.ceil(at / HOUR_MS) * HOUR_MS).toISOString().slice(0, 13);

export async function putDue({ db, table }: WorkTable, { kind, ...due }: Due, slot: string): Promise<void> {
  await db.send(
    new PutItemCommand({
      TableName: table,
      Item: marshall({ ...dueKey(kind, slot, due), ...due }, { removeUndefinedValues: true }),
    }),
  );
}

interface OfProduct {
  readonly account: string;
  readonly product: string;
}

/** Says that a product has fresh blocks of the hour of `at`, before they are written. */
export type Announce<Proof> = (of: OfProduct, at: number, proof: Proof) => Promise<void>;

/** Says it once for each product and hour, as far as this process knows. `proof`: by which it may be said, if it takes one. */
export function announcer<Proof = undefined>(
  put: (due: OfProduct, slot: string, proof: Proof) => Promise<void>,
): Announce<Proof> {
  let slot = '';
  let known = new Map<string, Promise<void>>();
  return (of, at, proof) => {
    // What arrives in an hour is merged in the next.
    const due = slotAt(at + 1);
    if (due !== slot) {
      slot = due;
      known = new Map();
    }
    const id = `${of.account} ${of.product}`;
    const said = known.get(id) ?? put(of, due, proof);
    known.set(id, said);
    said.catch(() => known.delete(id));
    return said;
  };
}
