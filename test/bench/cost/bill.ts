/** From counts to dollars: what is used for a million readings, by list prices. Pure. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

const usd = z.number().nonnegative();
const prices = z.strictObject({
  source: z.string(),
  perMillion: z.strictObject({
    messages: usd,
    rules: usd,
    actions: usd,
    sqsRequests: usd,
    lambdaRequests: usd,
    writeUnits: usd,
    readUnits: usd,
    kmsRequests: usd,
    s3Puts: usd,
  }),
  perGbMonth: z.strictObject({ storage: usd, recovery: usd }),
});
export type Prices = z.output<typeof prices>;

export const readPrices = (): Prices =>
  prices.parse(JSON.parse(readFileSync(path.join(import.meta.dirname, '..', 'prices.json'), 'utf8')));

/** Of one reading, on average. */
export interface Usage {
  readonly sqsRequests: number;
  readonly lambdaRequests: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly kmsRequests: number;
  readonly s3Puts: number;
  /** Bytes that are kept for a month. */
  readonly keptBytes: number;
}

const GB = 2 ** 30;

/** Dollars for a million readings, each a message of at most 5 KB, kept for a month. */
export function billOf({ keptBytes, ...requests }: Usage, { perMillion, perGbMonth }: Prices) {
  const { kmsRequests, s3Puts } = requests;
  const bill = {
    messaging: perMillion.messages,
    'rule and action': perMillion.rules + perMillion.actions,
    SQS: requests.sqsRequests * perMillion.sqsRequests,
    'Lambda requests': requests.lambdaRequests * perMillion.lambdaRequests,
    'DynamoDB writes': requests.writeUnits * perMillion.writeUnits,
    'DynamoDB reads': requests.readUnits * perMillion.readUnits,
    'a month’s storage': ((keptBytes * 1e6) / GB) * (perGbMonth.storage + perGbMonth.recovery),
    'KMS and S3': kmsRequests * perMillion.kmsRequests + s3Puts * perMillion.s3Puts,
  };
  return { ...bill, total: Object.values(bill).reduce((sum, dollars) => sum + dollars, 0) };
}
