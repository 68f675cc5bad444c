/** What AWS would count, and bill. */
import { type DynamoTally, newDynamoTally } from '../../support/dynamodb/memory-dynamodb.ts';

interface OtherRequests {
  kmsRequests: number;
  /** Writing and listing; removing costs nothing, and nothing is read. */
  s3Puts: number;
  sqsRequests: number;
}

/** `requests` are those to DynamoDB. */
export type Tally = DynamoTally & OtherRequests;

export const newTally = (): OtherRequests => ({ kmsRequests: 0, s3Puts: 0, sqsRequests: 0 });

export const tallyOf = (database: DynamoTally, others: OtherRequests): Tally => ({ ...database, ...others });

const NOTHING: Tally = { ...newDynamoTally(), ...newTally() };
const isCount = (name: string): name is keyof Tally => name in NOTHING;
const COUNTS = Object.keys(NOTHING).filter(isCount);

/** Each count, put together by what `of` makes of them. */
export function mapTally(of: (count: keyof Tally) => number): Tally {
  const result = { ...NOTHING };
  for (const count of COUNTS) result[count] = of(count);
  return result;
}
