/** CORS as API Gateway does it: the gateway answers preflights, and its headers replace those of the function. */
export interface CorsConfiguration {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds?: number | undefined;
}

type Headers = Readonly<Record<string, string>>;

export function isPreflight(method: string, headers: Headers): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** The headers of a preflight's answer; none for an origin that isn't allowed. */
export function preflightHeaders(cors: CorsConfiguration, origin: string | undefined): Headers {
  const headers = originHeaders(cors, origin);
  if (!headers) return {};
  return {
    ...headers,
    ...list('access-control-allow-methods', cors.allowMethods),
    ...list('access-control-allow-headers', cors.allowHeaders),
    ...(cors.maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(cors.maxAgeSeconds) }),
  };
}

/** The headers of any other answer. */
export function responseHeaders(cors: CorsConfiguration, origin: string | undefined): Headers {
  const headers = originHeaders(cors, origin);
  return headers ? { ...headers, ...list('access-control-expose-headers', cors.exposeHeaders) } : {};
}

function originHeaders(cors: CorsConfiguration, origin: string | undefined): Headers | undefined {
  if (origin === undefined) return undefined;
  const any = cors.allowOrigins.includes('*');
  if (!any && !cors.allowOrigins.some((allowed) => matches(allowed, origin))) return undefined;
  return {
    'access-control-allow-origin': any ? '*' : origin,
    ...(cors.allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
  };
}

/** `https://*` and `http://*` stand for every origin of that scheme; there are no other wildcards. */
function matches(allowed: string, origin: string): boolean {
  return allowed.endsWith('://*')
    ? origin.startsWith(allowed.slice(0, -1))
    : allowed.toLowerCase() === origin.toLowerCase();
}

const list = (name: string, values: readonly string[]): Headers =>
  values.length > 0 ? { [name]: values.join(',') } : {};
