import * as z from 'zod';
import type { Resource, ResourceProvider } from '../../../contract.ts';
import { clientSettings } from '../client/client-settings.ts';
import type { Client } from '../client/clients.ts';
import type { Core } from '../core.ts';
import { nameOf, parseProperties } from './parse.ts';

const REPORTED = 'kept and reported by DescribeUserPoolClient; no effect on the laptop';
const schema = clientSettings.extend({ UserPoolId: z.string(), GenerateSecret: z.boolean().default(false) });

/** Updates in place; another pool, or a secret where there was none, makes another client, as in CloudFormation. */
function put({ clients }: Core, resource: Resource): Client {
  const { UserPoolId: pool, GenerateSecret: generate, ...settings } = parseProperties(resource, schema);
  const name = nameOf(resource);
  const existing = clients.byResource(name);
  const named = {
    ...settings,
    ClientName: settings.ClientName === 'client' ? resource.logicalId : settings.ClientName,
  };
  if (existing?.pool === pool && clients.secrets(existing.id).length > 0 === generate)
    return clients.update(pool, existing.id, named);
  if (existing) clients.remove(existing.pool, existing.id);
  return clients.create(pool, named, { generate }, name);
}

export const userPoolClientProvider = (core: Core): ResourceProvider => ({
  type: 'AWS::Cognito::UserPoolClient',
  honoured: {
    UserPoolId: 'the pool; a change makes a new client',
    ClientName: 'its name; the logical id if absent',
    GenerateSecret: 'a secret that persists; a change makes a new client',
    AllowedOAuthFlowsUserPoolClient: 'without it no OAuth flow is open',
    AllowedOAuthFlows: 'code and client_credentials; implicit is kept, and refused at the endpoint',
    AllowedOAuthScopes: 'at most 50, each a standard one or of a resource server',
    CallbackURLs: 'exact match; their origins may call the token endpoint from a browser',
    LogoutURLs: 'exact match',
    DefaultRedirectURI: 'where to return to if a request does not say',
    AccessTokenValidity: 'the token’s life, checked as on AWS',
    IdTokenValidity: 'the token’s life, checked as on AWS',
    RefreshTokenValidity: 'the token’s life, checked as on AWS',
    TokenValidityUnits: 'the units of those three',
    RefreshTokenRotation: 'a refresh then answers a new refresh token; the old one lives for the grace period',
    EnableTokenRevocation: 'false: revocation is refused',
    ReadAttributes: 'what ID tokens and userInfo may show',
    AuthSessionValidity: 'minutes for each step after the password',
    PreventUserExistenceErrors: `${REPORTED}: the login page never tells who exists`,
    WriteAttributes: `${REPORTED}: people change nothing themselves`,
    ExplicitAuthFlows: `${REPORTED}: there is no sign-in by API`,
    SupportedIdentityProviders: `${REPORTED}: the pool itself is the only one`,
    EnablePropagateAdditionalUserContextData: REPORTED,
  },
  ignored: { AnalyticsConfiguration: 'the laptop sends nothing to Pinpoint' },
  async create(resource) {
    const client = put(core, resource);
    const secret = core.clients.secrets(client.id)[0]?.secret;
    const attributes = { ClientId: client.id, Name: client.settings.ClientName };
    return { ref: client.id, attributes: secret === undefined ? attributes : { ...attributes, ClientSecret: secret } };
  },
});
