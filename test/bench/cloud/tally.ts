/** What AWS would count, and bill. */
export interface Tally {
  /** Requests to DynamoDB. */
  requests: number;
  kmsRequests: number;
  s3Requests: number;
  writeUnits: number;
  readUnits: number;
  itemsWritten: number;
  /** Sizes of the items written, as DynamoDB counts them. */
  bytesStored: number;
  /** Bodies of the requests to DynamoDB. */
  bytesSent: number;
}

export const newTally = (): Tally => ({
  requests: 0,
  kmsRequests: 0,
  s3Requests: 0,
  writeUnits: 0,
  readUnits: 0,
  itemsWritten: 0,
  bytesStored: 0,
  bytesSent: 0,
});
