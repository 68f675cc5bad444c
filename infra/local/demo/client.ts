/** The HTTP API as a customer's program uses it, each request with the curl command that does the same. */
import * as z from 'zod';
import { Refusal } from '../refusal.ts';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

const tokenAnswer = z.object({ access_token: z.string() });

/** An access token by client credentials; `undefined` for a client that the host doesn't know (any more). */
export async function requestToken(tokenUrl: string, client: Credentials): Promise<string | undefined> {
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const text = await answer.text();
  if (answer.ok) return tokenAnswer.parse(JSON.parse(text)).access_token;
  if (answer.status < 500) return undefined;
  throw new Refusal(`No token from ${tokenUrl}: ${answer.status} ${text}`);
}

/** `secrets` is a file that Node can `require`, `path` where in it the client stands. */
export const tokenCommand = (tokenUrl: string, secrets: string, path: string): string =>
  `TOKEN=$(curl -s ${tokenUrl} -d grant_type=client_credentials \\
  -u "$(node -p 'const c = require("${secrets}").${path}; c.clientId + ":" + c.clientSecret')" \\
  | node -p 'JSON.parse(require("fs").readFileSync(0)).access_token')`;

export interface Client {
  /** The parsed answer, or `undefined` for 404. Any other refusal ends the demo in its own words. */
  get<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined>;
  text(path: string, accept: string): Promise<string>;
  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>;
}

export function clientOf(api: string, token: string): Client {
  const headers = { authorization: `Bearer ${token}` };
  return {
    async get(path, schema) {
      const answer = await fetch(api + path, { headers });
      return answer.status === 404 ? undefined : schema.parse(JSON.parse(await bodyOf(answer, `GET ${path}`)));
    },
    async text(path, accept) {
      return bodyOf(await fetch(api + path, { headers: { ...headers, accept } }), `GET ${path}`);
    },
    async post(path, body, schema) {
      const answer = await fetch(api + path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return schema.parse(JSON.parse(await bodyOf(answer, `POST ${path}`)));
    },
  };
}

async function bodyOf(answer: Response, what: string): Promise<string> {
  const text = await answer.text();
  if (!answer.ok) throw new Refusal(`${what} was refused: ${answer.status} ${text}`);
  return text;
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

export const getCommand = (url: string): string =>
  `curl -s ${/[?&]/.test(url) ? quote(url) : url} -H "Authorization: Bearer $TOKEN"`;

export const postCommand = (url: string, body: unknown): string =>
  `${getCommand(url)} -H 'Content-Type: application/json' \\\n  -d ${quote(JSON.stringify(body))}`;
