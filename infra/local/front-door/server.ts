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
import type { AwsResponse, AwsService, Clock, Place, Principal } from '../contract.ts';
import { AwsError } from '../contract.ts';
import type { LocalAuthority } from './authority.ts';
import type { Faults } from './faults.ts';
import { createFaults } from './faults.ts';
import { plainError } from './plain-error.ts';
import { readBody } from './read-body.ts';
import type { RawRequest } from './sigv4/signature-claims.ts';
import { readClaims } from './sigv4/signature-claims.ts';
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
    answer(request).then(
      (result) => send(response, result, deps.clock),
      // The client went away, or the answer could not be made: nobody to tell but the log.
      (error: unknown) => {
        deps.log(`front door: ${error instanceof Error ? error.message : 'unknown failure'}`);
        response.destroy();
      },
    );
  });
  await listen(server, deps.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, faults, close: () => close(server) };
}

function answering({ authority, services, place, clock, log, onCall }: FrontDoorDeps, faults: Faults) {
  const byName = new Map(services.map((service) => [service.signingName, service]));

  return async (incoming: IncomingMessage): Promise<AwsResponse> => {
    const call: { -readonly [K in keyof Call]: Call[K] } = {
      service: '',
      action: undefined,
      principal: undefined,
      error: undefined,
    };
    let service: AwsService | undefined;
    try {
      const request = await rawRequest(incoming);
      const claims = readClaims(request);
      call.service = claims.service;
      service = byName.get(claims.service);
      if (!service) throw unknownService(claims.service);
      const findSession = (key: string) => authority.sessions.find(key);
      const { principal } = verifySignature(request, claims, { region: place.region, now: clock.now(), findSession });
      call.principal = principal;

      const { method, headers, body, target } = request;
      const url = new URL(target, 'http://127.0.0.1');
      const operation = await service.operation({ method, url, headers, body });
      call.action = operation.name;
      authority.authorize(principal, operation.demands);
      faults.strike(service.signingName, operation.name, 'before');
      const result = await operation.run(principal);
      faults.strike(service.signingName, operation.name, 'after');
      return result;
    } catch (cause) {
      const error = asAwsError(cause, (text) => log(`${call.service} ${call.action ?? ''}: ${text}`));
      call.error = error.code;
      if (!service || !call.principal) log(`refused a call to "${call.service || 'unknown'}": ${error.code}`);
      return service?.errorResponse(error) ?? plainError(error, incoming.headers['content-type'], call.service);
    } finally {
      onCall?.(call);
    }
  };
}

async function rawRequest(incoming: IncomingMessage): Promise<RawRequest> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headersDistinct)) headers[name] = value?.join(',') ?? '';
  const { method = 'GET', url = '/' } = incoming;
  if (!url.startsWith('/')) throw new AwsError('InvalidRequestException', 'The target of a request is a path.');
  return { method, target: url, headers, body: await readBody(incoming) };
}

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

function send(response: ServerResponse, { status, headers = {}, body = '' }: AwsResponse, clock: Clock): void {
  // SDK clients set their clock by this header: it must follow the host's clock and not the machine's.
  response.setHeader('date', new Date(clock.now()).toUTCString());
  response.setHeader('x-amzn-requestid', randomUUID());
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('content-length', Buffer.byteLength(body));
  response.writeHead(status).end(body);
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
