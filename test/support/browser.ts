/** A browser without scripts: cookies, forms, and one redirect at a time. */
import { createHash, randomBytes } from 'node:crypto';

export interface Shown {
  readonly status: number;
  readonly url: string;
  readonly location: string | undefined;
  readonly text: string;
  readonly headers: Headers;
}

export type Browser = ReturnType<typeof newBrowser>;

const unescapeHtml = (text: string) => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
const attribute = (tag: string, name: string) => unescapeHtml(new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '');

export function newBrowser() {
  const cookies = new Map<string, string>();
  async function send(url: string, init: RequestInit = {}): Promise<Shown> {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie, ...init.headers } });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      if (/Max-Age=0/.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    return {
      status: response.status,
      url,
      location: location ? new URL(location, url).href : undefined,
      text: await response.text(),
      headers: response.headers,
    };
  }
  /** Follows redirects while they stay on the same origin. */
  async function follow(shown: Shown): Promise<Shown> {
    if (!shown.location || new URL(shown.location).origin !== new URL(shown.url).origin) return shown;
    return follow(await send(shown.location));
  }
  return {
    cookies,
    send,
    open: async (url: string) => follow(await send(url)),
    /** Fills in the page's form and sends it. */
    async submit(page: Shown, fields: Record<string, string>): Promise<Shown> {
      const action = attribute(/<form[^>]*>/.exec(page.text)?.[0] ?? '', 'action');
      const inputs = [...page.text.matchAll(/<input[^>]*>/g)].map(([tag]) => tag);
      const values = Object.fromEntries(inputs.map((tag) => [attribute(tag, 'name'), attribute(tag, 'value')]));
      const body = new URLSearchParams({ ...values, ...fields });
      return follow(await send(new URL(action, page.url).href, { method: 'POST', body }));
    },
  };
}

export function pkce() {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
