/** What the edge puts around requests that change an account: the audit trail, and `Idempotency-Key`. */
import type middy from '@middy/core';
import { recordEvent } from '../audit/record-event.ts';
import { abandonIdempotent, beginIdempotent, finishIdempotent } from '../idempotency/idempotency.ts';
import { requestHash } from '../idempotency/idempotency-keys.ts';
import type { Now } from '../platform/clock.ts';
import type { NewId } from '../platform/ids.ts';
import { count, errorFields, log } from '../platform/log.ts';
import { DomainError } from './errors.ts';
import { CHANGES, type Exchange, isAccountCaller, type Middleware } from './exchange.ts';
import type { HttpAnswer } from './http-event.ts';
import { PROBLEMS } from './problem.ts';
import { bodyText } from './read-request.ts';
import type { IdempotencyClaim } from './route.ts';
import { withoutSecrets } from './secrets.ts';

type Request = middy.Request<Exchange, HttpAnswer, Error>;

interface ChangeDeps {
  readonly now: Now;
  readonly newId: NewId;
}

/** Of what comes after the decision: a failure is ours to see, and the answer stands. */
async function orLog(work: Promise<void>, message: string): Promise<void> {
  try {
    await work;
  } catch (error) {
    log('error', message, errorFields(error));
    count(Date.now(), { RequestsFailed: 1 });
  }
}

/** Records what changes something, and refusals of such, in the account's own trail. */
export function auditing({ now, newId }: ChangeDeps): Middleware {
  const record = async ({ event: { route, caller, event } }: Request, status: number, location?: string) => {
    if (!route || !CHANGES.has(route.method) || !isAccountCaller(caller)) return;
    const made = location?.split('/').at(-1);
    const { id, credential } = event.pathParameters;
    await recordEvent(caller.session, {
      id: newId('auditEvent'),
      at: now(),
      action: route.id,
      principalKind: caller.principal.kind,
      principal: caller.principal.id,
      target: [...new Set([id, credential, made])].flatMap((part) =>
        part && /^[a-z]{3}_[0-9a-z]{26}$/.test(part) ? [part] : [],
      ),
      status,
    });
  };
  return {
    after: (request) => record(request, request.response?.statusCode ?? 0, request.response?.headers.location),
    onError: (request) => {
      const status = request.error instanceof DomainError ? PROBLEMS[request.error.code].status : 500;
      return orLog(record(request, status), 'A refusal was not recorded.');
    },
  };
}

/** The key that a `POST` was sent with, and what the request asks for. */
function askedIdempotency({ event, route }: Exchange): IdempotencyClaim | undefined {
  const key = event.headers['idempotency-key'];
  if (key === undefined || route?.method !== 'POST') return undefined;
  if (key.length === 0 || key.length > 255)
    throw new DomainError('validation', 'An Idempotency-Key has 1 to 255 characters.');
  return { key, request: requestHash(event.rawPath, event.rawQueryString, bodyText(event)) };
}

/** `Idempotency-Key` of an operator, who has no account to keep it in: the use case sees to it. */
export const operatorIdempotency: Middleware = {
  before: ({ event: exchange }) => {
    if (exchange.input) exchange.input = { ...exchange.input, idempotency: askedIdempotency(exchange) };
  },
};

/** `Idempotency-Key` on `POST`. */
export function idempotency({ now }: ChangeDeps): Middleware {
  return {
    before: async ({ event: exchange }) => {
      const { route, caller } = exchange;
      const asked = askedIdempotency(exchange);
      if (!asked || !route || !isAccountCaller(caller)) return undefined;
      const idempotent = { session: caller.session, principal: caller.principal.id, route: route.id, ...asked };
      const before = await beginIdempotent(idempotent, now());
      if (!before) exchange.idempotent = idempotent;
      return before;
    },
    after: async ({ event: exchange, response }) => {
      const { idempotent, route } = exchange;
      if (!idempotent || !route || !response) return;
      // It is done: whatever fails from here on must not free the key for a second time.
      exchange.idempotent = undefined;
      const kept = finishIdempotent(idempotent, withoutSecrets(response, route.secrets), now());
      await orLog(kept, 'An answer was not kept for replays.');
    },
    onError: async ({ event: { idempotent } }) => {
      if (idempotent) await orLog(abandonIdempotent(idempotent), 'An idempotency key was not freed.');
    },
  };
}
