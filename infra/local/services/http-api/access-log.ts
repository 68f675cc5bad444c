/** The access log: the stage's format with each `$context.…` replaced, `-` for what a request has no value of. */
import type { Place } from '../../contract.ts';
import type { Api, Stage } from './api-model.ts';
import { logTime } from './log-time.ts';
import type { GatewayResponse } from './request/function-response.ts';
import type { GatewayRequest } from './request/gateway-request.ts';

/** Values by their name after `$context.`, filled in on a request's way. */
export type LogValues = Map<string, string>;

export function formatAccessLog(format: string, values: ReadonlyMap<string, string>): string {
  return format.replaceAll(
    /\$context\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_-]+)*)/g,
    (_, name: string) => values.get(name) ?? '-',
  );
}

export interface Logged {
  readonly place: Place;
  readonly api: Api;
  readonly stage: Stage;
  readonly domainName: string;
  readonly head: Omit<GatewayRequest, 'body'>;
  readonly response: GatewayResponse;
  readonly milliseconds: number;
}

/** What every request has a value of. */
export function requestValues({ place, api, stage, domainName, head, response, milliseconds }: Logged): LogValues {
  return new Map([
    ['requestId', head.id],
    ['extendedRequestId', head.id],
    ['identity.sourceIp', head.sourceIp],
    ['identity.userAgent', head.headers['user-agent'] ?? '-'],
    ['requestTime', logTime(head.time)],
    ['requestTimeEpoch', String(head.time)],
    ['httpMethod', head.method],
    ['path', head.path],
    ['protocol', head.protocol],
    ['status', String(response.status)],
    ['responseLength', String(response.body.length)],
    ['responseLatency', String(Math.round(milliseconds))],
    ['apiId', api.id],
    ['accountId', place.account],
    ['stage', stage.name],
    ['domainName', domainName],
  ]);
}
