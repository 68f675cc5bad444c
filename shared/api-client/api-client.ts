/** An API client: a program of an account; OAuth 2 client credentials with scopes of its own. The secret is Cognito's alone. */
import * as z from 'zod';
import { nameField, timeField } from '../api/fields.ts';
import { ACCOUNT_SCOPES, isAccountScope, RESOURCE_SERVER } from '../api/scopes.ts';
import { idSchema } from '../platform/ids.ts';

const tokenScope = `${RESOURCE_SERVER}/`;

/** As a token carries it: `custodia/devices.read`. Parsed to the scope without the resource server. */
export const accountScopeField = z
  .string()
  .transform((text, context) => {
    const scope = text.startsWith(tokenScope) ? text.slice(tokenScope.length) : text;
    if (isAccountScope(scope)) return scope;
    context.addIssue({ code: 'custom', message: 'is not a scope of an account' });
    return z.NEVER;
  })
  .meta({ description: 'A scope of an account.', examples: [`${tokenScope}devices.read`] });

export const newApiClient = z
  .strictObject({
    name: nameField,
    scopes: z
      .array(accountScopeField)
      .min(1)
      .max(ACCOUNT_SCOPES.length)
      .refine((scopes) => new Set(scopes).size === scopes.length, 'names a scope twice'),
  })
  .meta({
    id: 'NewApiClient',
    examples: [{ name: 'Dashboard', scopes: [`${tokenScope}devices.read`, `${tokenScope}readings.read`] }],
  });

export const apiClient = z
  .object({
    id: idSchema('apiClient'),
    name: z.string(),
    clientId: z.string().describe('What it is called at the token endpoint.'),
    scopes: z.array(z.string()),
    createdAt: timeField,
    updatedAt: timeField,
  })
  .meta({
    id: 'ApiClient',
    description: 'A program of an account: OAuth 2 client credentials with scopes of its own.',
  });
export type ApiClient = z.output<typeof apiClient>;

/** What creation answers: the secret is shown this once. */
export const apiClientWithSecret = z
  .object({
    id: idSchema('apiClient'),
    clientId: z.string().describe('What it is called at the token endpoint.'),
    clientSecret: z
      .string()
      .optional()
      .describe('Shown once: absent when a request is replayed by its idempotency key.'),
    scopes: z.array(z.string()),
  })
  .meta({ id: 'ApiClientWithSecret' });

export const rotatedApiClient = apiClientWithSecret
  .extend({ previousSecretEndsAt: timeField.describe('Until when the secret before this one works, too.') })
  .meta({ id: 'RotatedApiClient' });

export const withServer = (scopes: readonly string[]) => scopes.map((scope) => tokenScope + scope);
