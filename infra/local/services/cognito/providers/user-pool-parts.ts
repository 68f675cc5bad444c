/** What belongs to a pool and has no life of its own: resource server, domain, login branding. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { ResourceProvider } from '../../../contract.ts';
import type { Core } from '../core.ts';
import { nameOf, parseProperties } from './parse.ts';

const resourceServer = z.object({
  UserPoolId: z.string(),
  Identifier: z.string().min(1).max(256),
  Name: z.string(),
  Scopes: z
    .array(
      z.object({ ScopeName: z.string().regex(/^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+$/), ScopeDescription: z.string() }),
    )
    .max(100)
    .default([]),
});

export const resourceServerProvider = ({ pools }: Core): ResourceProvider => ({
  type: 'AWS::Cognito::UserPoolResourceServer',
  honoured: {
    UserPoolId: 'the pool',
    Identifier: 'the first part of its scopes',
    Name: 'checked',
    Scopes: 'what clients may be given, at most 100',
  },
  ignored: {},
  async create(resource) {
    const { UserPoolId, Identifier, Scopes } = parseProperties(resource, resourceServer);
    pools.putResourceServer(
      pools.get(UserPoolId).id,
      Identifier,
      Scopes.map((scope) => scope.ScopeName),
    );
    return { ref: Identifier, attributes: {} };
  },
});

const domain = z.object({
  UserPoolId: z.string(),
  Domain: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
    .refine((name) => !/aws|amazon|cognito/.test(name), { message: 'aws, amazon and cognito are reserved words' }),
  ManagedLoginVersion: z.union([z.literal(1), z.literal(2)]).default(1),
});

export const domainProvider = ({ pools }: Core): ResourceProvider => ({
  type: 'AWS::Cognito::UserPoolDomain',
  honoured: {
    UserPoolId: 'without a domain a pool has no OAuth endpoints',
    Domain: 'reported; the endpoints are on the auth listener, below the pool’s id',
    ManagedLoginVersion:
      '2: as on AWS, a client without a ManagedLoginBranding gets no login page. The page is the same',
  },
  ignored: {},
  async create(resource) {
    const { UserPoolId, Domain, ManagedLoginVersion } = parseProperties(resource, domain);
    pools.putDomain(pools.get(UserPoolId).id, Domain, ManagedLoginVersion);
    return { ref: Domain, attributes: {} };
  },
});

const branding = z.object({ UserPoolId: z.string(), ClientId: z.string().optional() });

export const brandingProvider = ({ pools, clients }: Core): ResourceProvider => ({
  type: 'AWS::Cognito::ManagedLoginBranding',
  honoured: {
    UserPoolId: 'the pool',
    ClientId: 'opens the login page to this client, where the domain has ManagedLoginVersion 2',
  },
  ignored: {
    UseCognitoProvidedValues: 'the laptop’s login page has one look',
    Settings: 'the laptop’s login page has one look',
    Assets: 'the laptop’s login page has one look',
    ReturnMergedResources: 'concerns reading it back, which the laptop does not offer',
  },
  async create(resource) {
    const { UserPoolId, ClientId } = parseProperties(resource, branding);
    if (ClientId !== undefined) clients.get(UserPoolId, ClientId);
    const id = pools.putBranding(nameOf(resource), randomUUID(), pools.get(UserPoolId).id, ClientId);
    return { ref: `${UserPoolId}|${id}`, attributes: { ManagedLoginBrandingId: id } };
  },
});
