import { randomUUID } from 'node:crypto';
import type { AwsResponse } from '../contract.ts';

/** An answer in the AWS JSON 1.0 protocol. */
export const jsonResponse = (body: unknown, status = 200, headers: Record<string, string> = {}): AwsResponse => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID(), ...headers },
  body: JSON.stringify(body),
});
