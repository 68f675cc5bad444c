/** What became of messages, as an account's program sees it: readings of a bucket, and rejected messages. */
import { expect } from 'vitest';
import { eventually, made, type Program } from './api.ts';

interface SeenReading {
  readonly ts: string;
  readonly device: string;
  readonly stream: string;
  readonly value: unknown;
}

interface SeenRejection {
  readonly id: string;
  readonly receivedAt: string;
  readonly topic: string;
  readonly device?: string;
  readonly reason: string;
  readonly detail: string;
  readonly size: number;
}

type Asker = Pick<Program, 'get'>;

export const readingsIn = async (of: Asker, bucket: string): Promise<SeenReading[]> =>
  made(await of.get(`/v1/buckets/${bucket}/readings?limit=1000`), 200).items;

export const valuesIn = async (of: Asker, bucket: string): Promise<unknown[]> =>
  (await readingsIn(of, bucket)).map(({ value }) => value);

/** Waits until the bucket shows so many readings; fails if it never does, or shows more. */
export async function untilReadings(of: Asker, bucket: string, count: number): Promise<SeenReading[]> {
  const found = await eventually(
    () => readingsIn(of, bucket),
    (items) => items.length >= count,
  );
  expect(found).toHaveLength(count);
  return found;
}

export const rejectedOf = async (of: Asker): Promise<SeenRejection[]> =>
  made(await of.get('/v1/rejected-messages?limit=200'), 200).items;

/** Waits until so many rejected messages are listed that pass; fails if they never are, or if there are more. */
export async function untilRejected(
  of: Asker,
  count: number,
  wanted: (message: SeenRejection) => boolean = () => true,
): Promise<SeenRejection[]> {
  const found = await eventually(
    async () => (await rejectedOf(of)).filter(wanted),
    (items) => items.length >= count,
  );
  expect(found).toHaveLength(count);
  return found;
}
