/** A test's hand in the puppet: which calls it makes, and what became of them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import * as z from 'zod';
import { type Program, request } from '../api.ts';
import type { Host } from '../host.ts';

export interface Call {
  readonly service: string;
  readonly command: string;
  readonly input: unknown;
  readonly credentials?: Credentials | undefined;
}

const ended = z.object({
  output: z.any().optional(),
  /** The error's name. */
  error: z.string().optional(),
  message: z.string().optional(),
});
export type Ended = z.output<typeof ended>;
const answer = z.object({ env: z.record(z.string(), z.string()), ended: z.array(ended) });

const credentials = z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), sessionToken: z.string() });
export type Credentials = z.output<typeof credentials>;

/** Any route of a function that was taken over will do. */
const ROUTES = { members: '/v1/members', devices: '/v1/devices' };
export type Concept = keyof typeof ROUTES;

async function send(host: Host, concept: Concept, token: string, calls: readonly Call[]) {
  const sent = await request(host.endpoints, 'POST', ROUTES[concept], {
    token,
    body: calls,
    headers: { 'x-puppet': '1' },
  });
  expect(sent.status, sent.text).toBe(200);
  return answer.parse(sent.body);
}

/** Makes the calls from inside the function, one after the other. */
export const puppet =
  (host: Host, concept: Concept, { token }: Pick<Program, 'token'>) =>
  async (calls: readonly Call[]): Promise<Ended[]> =>
    (await send(host, concept, token, calls)).ended;

/** The function's environment: names of stores and functions. */
export const environment = async (host: Host, concept: Concept, { token }: Pick<Program, 'token'>) =>
  (await send(host, concept, token, [])).env;

/** Asks a function as another function would, and answers what it answered. */
export const asking = (name: string | undefined, payload: object, as?: Credentials): Call => ({
  service: 'lambda',
  command: 'Invoke',
  input: { FunctionName: name, Payload: JSON.stringify(payload) },
  credentials: as,
});

const bytes = z.object({ $bytes: z.string() });

/** The answer of a function that was asked; an error that it threw becomes `{ thrown }`. */
export function answered({ output, error, message }: Ended) {
  if (error) throw new Error(`The function could not be asked: ${message}`);
  const text = Buffer.from(bytes.parse(output.Payload).$bytes, 'base64').toString();
  return output.FunctionError ? { thrown: text } : JSON.parse(text);
}

/** What the broker gives for this token: the session of its account. */
export async function sessionOf(host: Host, of: Program): Promise<Credentials> {
  const { BROKER_FUNCTION } = await environment(host, 'members', of);
  const [asked] = await puppet(
    host,
    'members',
    of,
  )([asking(BROKER_FUNCTION, { kind: 'token', token: of.token, account: of.account })]);
  return credentials.parse(answered(asked ?? {}).credentials);
}

const template = z.object({ Resources: z.record(z.string(), z.object({ Type: z.string() })) });

/** Physical names of what stands in the templates, by construct: whoever reads the source knows them. */
export function physicalNames({ data }: Host) {
  const assembly = path.join(data, 'assembly');
  const dir = path.join(assembly, readdirSync(assembly)[0] ?? '');
  return (stack: string, type: string, construct: string): string => {
    const { Resources } = template.parse(JSON.parse(readFileSync(path.join(dir, `${stack}.template.json`), 'utf8')));
    // A logical id ends in eight digits of a hash.
    const named = new RegExp(`^${construct}[0-9A-F]{8}$`);
    const id = Object.keys(Resources).find((logicalId) => Resources[logicalId]?.Type === type && named.test(logicalId));
    if (!id) throw new Error(`No ${type} is called ${construct}`);
    return `${stack}-${id}`;
  };
}
