/** RFC 6749 errors. Cognito answers all of them with 400, a failed client authentication too. */
import { json, type WebRequest, type WebResponse } from './http.ts';

export class OAuthError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, description?: string, status = 400) {
    super(description ?? code);
    this.name = 'OAuthError';
    this.code = code;
    this.status = status;
  }
}

export function oauthErrorResponse({ code, message, status }: OAuthError): WebResponse {
  const challenge: Record<string, string> = status === 401 ? { 'www-authenticate': `Bearer error="${code}"` } : {};
  return json(status, { error: code, ...(message === code ? {} : { error_description: message }) }, challenge);
}

/** A parameter that is given once or not at all; empty counts as absent. */
export function single(parameters: URLSearchParams, name: string): string | undefined {
  const values = parameters.getAll(name);
  if (values.length > 1) throw new OAuthError('invalid_request', `${name} is given more than once`);
  return values[0] || undefined;
}

export function required(parameters: URLSearchParams, name: string): string {
  const value = single(parameters, name);
  if (!value) throw new OAuthError('invalid_request', `${name} is missing`);
  return value;
}

export const bearer = (request: WebRequest): string | undefined =>
  /^Bearer +([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
