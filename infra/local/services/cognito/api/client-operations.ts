/** Operations on app clients and their secrets. */
import * as z from 'zod';
import { AwsError } from '../../../contract.ts';
import { clientSettings } from '../client/client-settings.ts';
import type { Client, ClientSecret } from '../client/clients.ts';
import type { Core } from '../core.ts';
import { invalidParameter } from '../errors.ts';
import { OAuthError } from '../oauth/oauth-error.ts';
import { revoke } from '../oauth/revoke-endpoint.ts';
import { define, epoch, onPool, poolId } from './operation.ts';
import { paginate } from './pagination.ts';

const clientId = z
  .string()
  .regex(/^[\w+]+$/)
  .max(128);
const ownSecret = z
  .string()
  .regex(/^[\w+]+$/)
  .min(24)
  .max(64);
const onClient = z.object({ UserPoolId: poolId, ClientId: clientId });

/** The eldest secret is the one that Describe shows. */
function describeClient({ clients }: Core, client: Client) {
  const secret = clients.secrets(client.id)[0]?.secret;
  return {
    ...client.settings,
    UserPoolId: client.pool,
    ClientId: client.id,
    ...(secret === undefined ? {} : { ClientSecret: secret }),
    CreationDate: epoch(client.createdAt),
    LastModifiedDate: epoch(client.modifiedAt),
  };
}

const describeSecret = (secret: ClientSecret, value?: string) => ({
  ClientSecretId: secret.id,
  ...(value === undefined ? {} : { ClientSecretValue: value }),
  ClientSecretCreateDate: epoch(secret.createdAt),
});

export const clientOperations = {
  CreateUserPoolClient: onPool(
    clientSettings.extend({
      UserPoolId: poolId,
      ClientName: z.string().min(1).max(128),
      GenerateSecret: z.boolean().default(false),
      ClientSecret: ownSecret.optional(),
    }),
    (core, { UserPoolId, GenerateSecret: generate, ClientSecret: given, ...settings }) => {
      if (generate && given) throw invalidParameter('GenerateSecret and ClientSecret exclude each other.');
      const secret = given === undefined ? { generate } : { generate, given };
      return { UserPoolClient: describeClient(core, core.clients.create(UserPoolId, settings, secret)) };
    },
  ),
  DescribeUserPoolClient: onPool(onClient, (core, { UserPoolId, ClientId }) => ({
    UserPoolClient: describeClient(core, core.clients.get(UserPoolId, ClientId)),
  })),
  UpdateUserPoolClient: onPool(
    clientSettings.extend({
      UserPoolId: poolId,
      ClientId: clientId,
      ClientName: z.string().min(1).max(128).optional(),
    }),
    (core, { UserPoolId, ClientId, ClientName, ...settings }) => {
      const name = ClientName ?? core.clients.get(UserPoolId, ClientId).settings.ClientName;
      const client = core.clients.update(UserPoolId, ClientId, { ...settings, ClientName: name });
      return { UserPoolClient: describeClient(core, client) };
    },
  ),
  DeleteUserPoolClient: onPool(onClient, ({ clients }, { UserPoolId, ClientId }) => {
    clients.remove(UserPoolId, ClientId);
    return {};
  }),
  ListUserPoolClients: onPool(
    z.object({
      UserPoolId: poolId,
      MaxResults: z.number().int().min(1).max(60).default(60),
      NextToken: z.string().optional(),
    }),
    ({ pools, clients }, { UserPoolId, MaxResults, NextToken: token }) => {
      const { items, next } = paginate(clients.list(pools.get(UserPoolId).id), MaxResults, token);
      const UserPoolClients = items.map((client) => ({
        UserPoolId,
        ClientId: client.id,
        ClientName: client.settings.ClientName,
      }));
      return { UserPoolClients, NextToken: next };
    },
  ),
  AddUserPoolClientSecret: onPool(
    onClient.extend({ ClientSecret: ownSecret.optional() }),
    ({ clients }, { UserPoolId, ClientId, ClientSecret: given }) => {
      const secret = clients.addSecret(UserPoolId, ClientId, given);
      return { ClientSecretDescriptor: describeSecret(secret, given === undefined ? secret.secret : undefined) };
    },
  ),
  DeleteUserPoolClientSecret: onPool(
    onClient.extend({ ClientSecretId: z.string() }),
    ({ clients }, { UserPoolId, ClientId, ClientSecretId }) => {
      clients.removeSecret(UserPoolId, ClientId, ClientSecretId);
      return {};
    },
  ),
  ListUserPoolClientSecrets: onPool(
    onClient.extend({ NextToken: z.string().optional() }),
    ({ clients }, { UserPoolId, ClientId }) => ({
      ClientSecrets: clients.secrets(clients.get(UserPoolId, ClientId).id).map((secret) => describeSecret(secret)),
    }),
  ),
  /** Needs no signature on AWS: the client proves itself. */
  RevokeToken: define({
    input: z.object({ Token: z.string(), ClientId: clientId, ClientSecret: z.string().optional() }),
    unsigned: true,
    run: (core, { Token, ClientId, ClientSecret }) => {
      const client = core.clients.find(ClientId);
      if (!client || !core.clients.accepts(client.id, ClientSecret))
        throw new AwsError('UnauthorizedException', 'Invalid client or client secret.');
      try {
        revoke(core, client, Token);
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error;
        const code =
          error.code === 'unsupported_token_type' ? 'UnsupportedTokenTypeException' : 'UnsupportedOperationException';
        throw new AwsError(error.code === 'unauthorized_client' ? 'UnauthorizedException' : code, error.message);
      }
      return {};
    },
  }),
};
