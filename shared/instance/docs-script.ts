/**
 * What the docs page does in the browser: it finds operations, and sends what a form says to the API that served the page. The
 * functions are put into the page by their source, so that each stands alone: no import, no name from outside but the browser's.
 * The token lives in its field and nowhere else.
 */

export interface Draft {
  readonly method: string;
  /** With `{name}` for each path parameter. */
  readonly path: string;
  readonly fields: readonly { readonly name: string; readonly place: string; readonly value: string }[];
  readonly body?: string;
  readonly accept?: string;
}

export interface Prepared {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A form's fields as a request; empty fields are left out. */
export function prepareRequest({ method, path, fields, body, accept }: Draft): Prepared {
  const filled = fields.filter(({ value }) => value !== '');
  const of = (place: string) => filled.filter((field) => field.place === place);
  const url = of('path').reduce(
    (whole, { name, value }) => whole.replace(`{${name}}`, encodeURIComponent(value)),
    path,
  );
  const query = of('query').map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return {
    method,
    url: query.length > 0 ? `${url}?${query.join('&')}` : url,
    headers: {
      ...(accept === undefined ? {} : { Accept: accept }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...Object.fromEntries(of('header').map(({ name, value }) => [name, value])),
    },
    ...(body === undefined ? {} : { body }),
  };
}

/** The same request for a POSIX shell, with the token as `$TOKEN`. */
export function curlCommand(origin: string, { method, url, headers, body }: Prepared, secured: boolean): string {
  const quote = (text: string) => (/^[\w./:@=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${quote(origin + url)}`,
    ...(secured ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-raw ${quote(body)}`]),
  ].join(' \\\n  ');
}
