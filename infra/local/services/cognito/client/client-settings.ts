/** An app client's settings, with Cognito's defaults and refusals; the API and the template share them. */
import * as z from 'zod';
import { AwsError } from '../../../contract.ts';
import { invalidParameter } from '../errors.ts';

const unit = z.enum(['seconds', 'minutes', 'hours', 'days']);
export const STANDARD_SCOPES = ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin'];

export const clientSettings = z.object({
  ClientName: z.string().min(1).max(128).default('client'),
  AccessTokenValidity: z.number().int().min(0).optional(),
  IdTokenValidity: z.number().int().min(0).optional(),
  RefreshTokenValidity: z.number().int().min(0).optional(),
  TokenValidityUnits: z
    .object({ AccessToken: unit.optional(), IdToken: unit.optional(), RefreshToken: unit.optional() })
    .optional(),
  AllowedOAuthFlowsUserPoolClient: z.boolean().default(false),
  AllowedOAuthFlows: z.array(z.enum(['code', 'implicit', 'client_credentials'])).default([]),
  AllowedOAuthScopes: z.array(z.string()).max(50).default([]),
  CallbackURLs: z.array(z.string()).max(100).default([]),
  LogoutURLs: z.array(z.string()).max(100).default([]),
  DefaultRedirectURI: z.string().optional(),
  EnableTokenRevocation: z.boolean().default(true),
  RefreshTokenRotation: z
    .object({
      Feature: z.enum(['ENABLED', 'DISABLED']),
      RetryGracePeriodSeconds: z.number().int().min(0).max(60).default(0),
    })
    .optional(),
  ReadAttributes: z.array(z.string()).optional(),
  WriteAttributes: z.array(z.string()).optional(),
  ExplicitAuthFlows: z.array(z.string()).optional(),
  SupportedIdentityProviders: z.array(z.string()).optional(),
  PreventUserExistenceErrors: z.enum(['ENABLED', 'LEGACY']).optional(),
  EnablePropagateAdditionalUserContextData: z.boolean().optional(),
  AuthSessionValidity: z.number().int().min(3).max(15).default(3),
});
export type ClientSettings = z.infer<typeof clientSettings>;

const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };
const HOUR = 3600;
const DAY = 86_400;

/** A token's life in seconds; 0 and absence are the default, and the unit differs by kind when none is given. */
const life = (value: number | undefined, unitName: keyof typeof SECONDS, fallback: number): number =>
  value ? value * SECONDS[unitName] : fallback;

export const tokenLives = ({ TokenValidityUnits: units, ...client }: ClientSettings) => ({
  access: life(client.AccessTokenValidity, units?.AccessToken ?? 'hours', HOUR),
  id: life(client.IdTokenValidity, units?.IdToken ?? 'hours', HOUR),
  refresh: life(client.RefreshTokenValidity, units?.RefreshToken ?? 'days', 30 * DAY),
});

function checkLives(settings: ClientSettings): void {
  const { access, id, refresh } = tokenLives(settings);
  const within = (seconds: number, min: number, max: number) => seconds >= min && seconds <= max;
  if (!within(access, 300, DAY) || !within(id, 300, DAY) || !within(refresh, HOUR, 3650 * DAY))
    throw invalidParameter('Invalid range for token validity.');
}

/** https, http on the loopback, or an app's own scheme; no fragment. */
function checkRedirect(value: string): void {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^[\x21-\x7e]+$/.test(value) || value.includes('#'))
    throw invalidParameter(`${value} is not a valid redirect URL.`);
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && !loopback) throw invalidParameter(`${value} cannot use the HTTP protocol.`);
}

/** Refuses what Cognito refuses. `customScopes` are those of the pool's resource servers. */
export function checkClient(settings: ClientSettings, hasSecret: boolean, customScopes: readonly string[]): void {
  const known = new Set([...STANDARD_SCOPES, ...customScopes]);
  const unknown = settings.AllowedOAuthScopes.find((scope) => !known.has(scope));
  if (unknown) throw new AwsError('ScopeDoesNotExistException', `Invalid scope requested: ${unknown}`);
  const flows = settings.AllowedOAuthFlows;
  const refuseFlow = (reason: string) =>
    new AwsError('InvalidOAuthFlowException', `client_credentials flow can not be selected ${reason}.`);
  if (flows.includes('client_credentials')) {
    if (flows.length > 1) throw refuseFlow('along with code flow or implicit flow');
    if (!hasSecret) throw refuseFlow('if client does not have a client secret');
  }
  if (settings.AllowedOAuthFlowsUserPoolClient && (flows.length === 0 || settings.AllowedOAuthScopes.length === 0))
    throw invalidParameter(
      'AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.',
    );
  checkLives(settings);
  for (const url of [...settings.CallbackURLs, ...settings.LogoutURLs]) checkRedirect(url);
  if (settings.DefaultRedirectURI && !settings.CallbackURLs.includes(settings.DefaultRedirectURI))
    throw invalidParameter('DefaultRedirectURI must be one of CallbackURLs.');
}
