/** Functions behind the gateway. What they answer is chosen by the test. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** Answers its event. */
export const mirror = async (event: unknown) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json', 'Access-Control-Allow-Origin': 'https://function.example' },
  body: JSON.stringify(event),
});

/** Answers what the body says. */
export const answer = async (event: APIGatewayProxyEventV2) => JSON.parse(event.body ?? 'null');

export const fail = async () => {
  throw new Error('inner secret');
};
export const slow = async () => sleep(5000);
export const binary = async () => ({
  statusCode: 200,
  headers: { 'content-type': 'image/png' },
  body: Buffer.from([0x89, 0x50, 0xff]).toString('base64'),
  isBase64Encoded: true,
});

/** Notes its calls in the file that CALLS names, and decides by the token. */
export const authorize = async (event: { identitySource: string[]; headers: Record<string, string> }) => {
  const file = process.env.CALLS ?? '';
  appendFileSync(file, `${JSON.stringify(event)}\n`);
  const token = event.identitySource[0];
  if (token === 'fail') throw new Error('no decision');
  if (token === 'nonsense') return { allowed: 'yes' };
  const calls = existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
  return { isAuthorized: token !== 'deny', context: { token, calls, nested: { a: [1] } } };
};
