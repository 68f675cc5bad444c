/**
 * The one door for AWS calls on the laptop: signature → service by signing name → operation → every demand authorized → run.
 *
 * Owns its listener on 127.0.0.1 and the table of faults. Touches no service's state, and calls nothing outside: a service
 * that the host doesn't have is refused here, so that no call can slip through to AWS. One door, and not one per service,
 * so that nothing can reach a service without a signature and a decision by the template's policies.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AwsResponse, AwsService, Clock, Place, Principal, RequestHead } from '../contract.ts';
import { AwsError } from '../contract.ts';
import type { LocalAuthority } from './authority.ts';
import type { Faults } from './faults.ts';
import { createFaults } from './faults.ts';
import { plainError } from './plain-error.ts';
import { readBody } from './read-body.ts';
import { readClaims } from './sigv4/signature-claims.ts';
import { signedBody } from './sigv4/signed-body.ts';
import { verifySignature } from './sigv4/verify-signature.ts';

export interface Call {
  readonly service: string;
  /** Absent when the service could not read the request. */
  readonly action: string | undefined;
  /** Absent when the signature was refused. */
  readonly principal: Principal | undefined;
  /** An error's code; absent on success. */
  readonly error: string | undefined;
}

export interface FrontDoorDeps {
  readonly authority: LocalAuthority;
  readonly services: readonly AwsService[];
  readonly place: Place;
  readonly clock: Clock;
  log(message: string): void;
  /** Hears of every call after it was answered. */
  onCall?(call: Call): void;
  /** Default: 0, a free one. */
  readonly port?: number;
}

export interface FrontDoor {
  /** `http://127.0.0.1:{port}`, for `AWS_ENDPOINT_URL`. */
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
  /** Cuts calls in flight. Services are closed by whoever made them. */
  close(): Promise<void>;
}

export async function createFrontDoor(deps: FrontDoorDeps): Promise<FrontDoor> {
  const faults = createFaults();
  const answer = answering(deps, faults);
  const server = createServer((request, response) => {
    answer(request)
      .then((result) => {
        // What nobody read of a refused payload would be taken for the connection's next request.
        request.resume();
        return send(response, result, deps.clock);
      })
      .catch((error: unknown) => {
        // The client went away, or the answer could not be made: nobody to tell but the log.
        deps.log(`front door: ${error instanceof Error ? error.message : 'unknown failure'}`);
        response.destroy();
      });
  });
  await listen(server, deps.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, faults, close: () => close(server) };
}

function answering({ authority, services, place, clock, log, onCall }: FrontDoorDeps, faults: Faults) {
  const byName = new Map(services.map((service) => [service.signingName, service]));
  const browsers = services.find((service) => service.browsers)?.browsers;

  return async (incoming: IncomingMessage): Promise<AwsResponse> => {
    const call: { -readonly [K in keyof Call]: Call[K] } = {
      service: '',
      action: undefined,
      principal: undefined,
      error: undefined,
    };
    let service: AwsService | undefined;
    let head: ReturnType<typeof requestHead> | undefined;
    let result: AwsResponse | undefined;
    try {
      head = requestHead(incoming);
      // A browser asks first, and signs nothing: the answer says only which origins may call.
      if (head.method === 'OPTIONS' && browsers) return browsers.preflight(head);
      const { method, target, headers } = head;
      const claims = readClaims({ method, target, headers });
      call.service = claims.service;
      service = byName.get(claims.service);
      if (!service) throw unknownService(claims.service);
      const body = service.streams ? undefined : await readBody(incoming);
      const findSession = (key: string) => authority.sessions.find(key);
      const signed = { method, target, headers, ...(body && { body }) };
      const session = verifySignature(signed, claims, { region: place.region, now: clock.now(), findSession });
      const { principal } = session;
      call.principal = principal;

      const stream = service.streams && signedBody(incoming, headers, claims, session.secretAccessKey);
      const operation = await service.operation({ ...head, body: body ?? NOTHING, ...(stream && { stream }) });
      call.action = operation.name;
      authority.authorize(principal, operation.demands);
      faults.strike(service.signingName, operation.name, 'before');
      result = await operation.run(principal);
      faults.strike(service.signingName, operation.name, 'after');
      return withHeaders(result, service.browsers?.headers(head));
    } catch (cause) {
      if (result?.body instanceof Readable) result.body.destroy();
      const error = asAwsError(cause, (text) => log(`${call.service} ${call.action ?? ''}: ${text}`));
      call.error = error.code;
      if (!service || !call.principal) log(`refused a call to "${call.service || 'unknown'}": ${error.code}`);
      const refusal =
        service?.errorResponse(error) ?? plainError(error, incoming.headers['content-type'], call.service);
      return withHeaders(refusal, head && service?.browsers?.headers(head));
    } finally {
      onCall?.(call);
    }
  };
}

const NOTHING = Buffer.alloc(0);

function requestHead(incoming: IncomingMessage): RequestHead & { readonly target: string } {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headersDistinct)) headers[name] = value?.join(',') ?? '';
  const { method = 'GET', url: target = '/' } = incoming;
  if (!target.startsWith('/')) throw new AwsError('InvalidRequestException', 'The target of a request is a path.');
  // Joined, not resolved: a target of `//x/y` is a path, and x no host.
  return { method, url: new URL(`http://127.0.0.1${target}`), target, headers };
}

const withHeaders = (response: AwsResponse, more: AwsResponse['headers']): AwsResponse =>
  more ? { ...response, headers: { ...response.headers, ...more } } : response;

const unknownService = (name: string): AwsError =>
  new AwsError(
    'UnknownServiceException',
    `The laptop host has no AWS service "${name}". Nothing was sent to AWS.`,
    400,
  );

function asAwsError(cause: unknown, log: (text: string) => void): AwsError {
  if (cause instanceof AwsError) return cause;
  log(cause instanceof Error ? (cause.stack ?? cause.message) : 'failed without an error');
  return new AwsError('InternalFailure', 'The laptop host failed. Its log says why.', 500);
}

async function send(
  response: ServerResponse,
  { status, headers = {}, body = '' }: AwsResponse,
  clock: Clock,
): Promise<void> {
  // SDK clients set their clock by this header: it must follow the host's clock and not the machine's.
  response.setHeader('date', new Date(clock.now()).toUTCString());
  response.setHeader('x-amzn-requestid', randomUUID());
  if (!(body instanceof Readable)) response.setHeader('content-length', Buffer.byteLength(body));
  // After the length: an answer to HEAD says the length of what GET would send.
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.writeHead(status);
  if (body instanceof Readable) await pipeline(body, response);
  else response.end(body);
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
