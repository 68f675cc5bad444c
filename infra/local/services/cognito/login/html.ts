/** HTML by a tagged template that escapes whatever is put in, and the frame of every page with its security headers. */
import { createHash } from 'node:crypto';
import type { WebResponse } from '../oauth/http.ts';

/** Text that is already HTML. Only `html` makes it. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const render = (value: string | Html | undefined) => (value instanceof Html ? value.text : escapeHtml(value ?? ''));

export const html = (strings: TemplateStringsArray, ...values: readonly (string | Html | undefined)[]): Html =>
  new Html(strings.map((part, index) => part + (index < values.length ? render(values[index]) : '')).join(''));

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--page:#f3f4f6;--card:#fff;--line:#6b7280;--accent:#1d4ed8;--bad:#b42318}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--page:#16191d;--card:#21262c;--line:#9aa3ad;--accent:#93b4ff;--bad:#ff9b8f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:24rem;padding:1.5rem;background:var(--card);border-radius:.75rem}
h1{margin:0 0 1rem;font-size:1.375rem}
label{display:block;margin-top:1rem;font-weight:600}
input{width:100%;margin-top:.25rem;padding:.625rem;border:1px solid var(--line);border-radius:.375rem;background:transparent;color:inherit;font:inherit}
button{width:100%;margin-top:1.5rem;padding:.75rem;border:0;border-radius:.375rem;background:var(--accent);color:var(--card);font:inherit;font-weight:600;cursor:pointer}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
[role=alert]{margin:0;padding:.625rem;border:1px solid var(--bad);border-radius:.375rem;color:var(--bad)}
code{overflow-wrap:anywhere}
a{color:var(--accent)}
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * Browsers hold `form-action` against redirects too, so the address that a sign-in returns to must be named. A policy
 * can't spell an IPv6 host: then its scheme must do.
 */
function formTarget(redirectUri: string): string {
  const { protocol, hostname, origin } = new URL(redirectUri);
  return /^https?:$/.test(protocol) && !hostname.startsWith('[') ? origin : protocol;
}

const policy = (redirectUri: string | undefined) =>
  [
    `default-src 'none'`,
    `style-src 'sha256-${STYLE_HASH}'`,
    `form-action 'self'${redirectUri ? ` ${formTarget(redirectUri)}` : ''}`,
    `frame-ancestors 'none'`,
    `base-uri 'none'`,
  ].join('; ');

export function page(status: number, title: string, content: Html, redirectUri?: string): WebResponse {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy(redirectUri),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
    body: document.text,
  };
}
