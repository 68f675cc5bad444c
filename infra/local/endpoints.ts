/** What scripts read: `endpoints.json`, from the outputs of the stacks and the doors that the host has opened. */
import type { Outputs } from './cloudformation/provision.ts';
import { Refusal } from './refusal.ts';
import type { Cognito } from './services/cognito/cognito.ts';
import { readClient } from './user-pool-client.ts';

/** Outputs that the app must have. A script of the operator reads the same ones on AWS. */
const NEEDED = {
  apiUrl: 'ApiUrl',
  customerPool: 'UserPoolId',
  publicClientId: 'PublicClientId',
  operatorClientId: 'OperatorClientId',
  operatorPool: 'OperatorPoolId',
  operatorPublicClientId: 'OperatorPublicClientId',
} as const;
export type AppOutputs = Readonly<Record<keyof typeof NEEDED, string>>;

export const OPERATOR_EMAIL = 'operator@custodia.test';

/** `.local/endpoints.json`; mode 0600, because it holds the operator's secret and password. */
export interface Endpoints {
  readonly api: string;
  readonly docs: string;
  readonly mqtt: { readonly host: string; readonly port: number; readonly caFile: string };
  readonly oauth: {
    readonly issuer: string;
    readonly authorizeUrl: string;
    readonly tokenUrl: string;
    readonly revokeUrl: string;
    readonly logoutUrl: string;
    readonly jwksUrl: string;
    readonly publicClientId: string;
    readonly redirectUris: readonly string[];
  };
  readonly operator: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly email: string;
    readonly password: string;
    /** Where the operator signs in as a person. The program above gets its token at `oauth.tokenUrl`. */
    readonly authorizeUrl: string;
    readonly tokenUrl: string;
    readonly publicClientId: string;
  };
  readonly outbox: string;
  /** One folder for each log group. */
  readonly logs: string;
  readonly hostLog: string;
  readonly pid: number;
}

export function readOutputs(outputs: Outputs): AppOutputs {
  const all = new Map([...outputs.values()].flatMap((stack) => Object.entries(stack)));
  const found = Object.entries(NEEDED).map(([key, name]) => [key, all.get(name)] as const);
  const missing = found
    .filter(([, value]) => typeof value !== 'string')
    .map(([key]) => NEEDED[key as keyof AppOutputs]);
  if (missing.length > 0)
    throw new Refusal(`The stacks have no output ${missing.join(', ')}: endpoints.json needs it.`);
  return Object.fromEntries(found) as AppOutputs;
}

export interface Doors {
  readonly cognito: Cognito;
  readonly mqtt: Endpoints['mqtt'];
  readonly operatorPassword: string;
  readonly outbox: string;
  readonly logs: string;
  readonly hostLog: string;
}

export async function describeEndpoints(app: AppOutputs, doors: Doors): Promise<Endpoints> {
  const { cognito, mqtt, operatorPassword, outbox, logs, hostLog } = doors;
  const { issuer, authorizeUrl, tokenUrl, revokeUrl, logoutUrl, jwksUrl } = cognito.describePool(app.customerPool);
  const operators = cognito.describePool(app.operatorPool);
  const people = await readClient(cognito.service, app.customerPool, app.publicClientId);
  const program = await readClient(cognito.service, app.customerPool, app.operatorClientId);
  const { publicClientId } = app;
  const redirectUris = people.CallbackURLs;
  return {
    api: app.apiUrl,
    docs: `${app.apiUrl}/docs`,
    mqtt,
    oauth: { issuer, authorizeUrl, tokenUrl, revokeUrl, logoutUrl, jwksUrl, publicClientId, redirectUris },
    operator: {
      clientId: app.operatorClientId,
      clientSecret: program.ClientSecret,
      email: OPERATOR_EMAIL,
      password: operatorPassword,
      authorizeUrl: operators.authorizeUrl,
      tokenUrl: operators.tokenUrl,
      publicClientId: app.operatorPublicClientId,
    },
    outbox,
    logs,
    hostLog,
    pid: process.pid,
  };
}

/** For a person: the doors, and three commands to begin with. */
export function welcome(endpoints: Endpoints, file: string): string {
  const { api, docs, mqtt, oauth, operator, outbox } = endpoints;
  return `
Custodia is running.

  API        ${api}
  Docs       ${docs}
  MQTT       ${mqtt.host}:${mqtt.port} (TLS; certificates signed by ${mqtt.caFile})
  OAuth      ${oauth.tokenUrl}
  Operator   ${operator.email}, password in endpoints.json
  Mails      ${outbox}
  Scripts    ${file}

Three commands to begin with:

  TOKEN=$(curl -s ${oauth.tokenUrl} -d grant_type=client_credentials \\
    -u "$(node -p 'const o = require("${file}").operator; o.clientId + ":" + o.clientSecret')" \\
    | node -p 'JSON.parse(require("fs").readFileSync(0)).access_token')

  curl -s ${api}/v1/operator/accounts -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
    -d '{"name":"Example","owner":{"email":"owner@example.test","name":"Olga Owner"},"apiClient":true}'

  npm run demo

Ctrl+C stops it; what it holds stays.`;
}
