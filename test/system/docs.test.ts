/** The API's face: its OpenAPI document, and the page to read it and to try it with. */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, request } from '../support/api.ts';
import { type Operation, readContract } from '../support/openapi.ts';
import { sharedHost } from '../support/shared-host.ts';

const host = sharedHost();
let document: Answer;
let page: Answer;
let operations: Operation[];

beforeAll(async () => {
  document = await request(host.endpoints, 'GET', '/openapi.json');
  page = await request(host.endpoints, 'GET', '/docs');
  operations = readContract(document.body);
});

const plain = (html: string) =>
  html
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
    .replace(/\s+/g, ' ');
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
/** What stands on the page about one operation. */
const partOf = ({ id }: Operation) =>
  page.text.split(/(?=<details )/).find((part) => part.includes(` id="${id}"`)) ?? '';

describe('the document', () => {
  it('is served as JSON, may be cached, and begins where the start page says', async () => {
    const { body } = await request(host.endpoints, 'GET', '/v1');
    expect(body.links.openapi).toBe('/openapi.json');
    expect(document.status).toBe(200);
    expect(document.headers.get('content-type')).toBe('application/json');
    expect(document.headers.get('cache-control')).toBe('public, max-age=300');
    expect(document.body.openapi).toBe('3.1.0');
    expect(operations.length).toBeGreaterThan(40);
  });

  it('says where tokens come from, as discovery has it', async () => {
    const url = document.body.components.securitySchemes.openId.openIdConnectUrl;
    const { body } = await request(host.endpoints, 'GET', '/v1');
    expect(body.links.openIdConfiguration).toBe(url);
    const { tokenUrl, authorizeUrl } = host.endpoints.oauth;
    expect(await (await fetch(url)).json()).toMatchObject({
      token_endpoint: tokenUrl,
      authorization_endpoint: authorizeUrl,
    });
  });
});

describe('the page', () => {
  it('is one HTML document of a bearable size, whatever is asked for', async () => {
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(Buffer.byteLength(page.text)).toBeLessThan(300_000);
    const accepting = await request(host.endpoints, 'GET', '/docs', { headers: { accept: 'application/json' } });
    expect(accepting.text).toBe(page.text);
    expect(host.endpoints.docs).toBe(`${host.endpoints.api}/docs`);
  });

  it('lists every operation without a script: method, path, words, scope, parameters, body', () => {
    for (const operation of operations) {
      const text = plain(partOf(operation));
      expect(text).toContain(`${operation.method} ${operation.path} `);
      if (operation.access?.startsWith('custodia/')) expect(text).toContain(operation.access);
      for (const { name } of [...operation.params, ...operation.query]) expect(text).toContain(name);
      for (const name of operation.headers) expect(text).toContain(name);
      for (const type of operation.bodyTypes) expect(text).toContain(type);
      for (const status of operation.statuses) expect(text).toContain(String(status));
    }
  });

  it('links only to what is on it, or served by the API', () => {
    const ids = new Set([...page.text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...page.text.matchAll(/href="([^"]+)"/g)].map(([, href]) => href ?? '');
    const broken = links.filter((href) => href.startsWith('#') && !ids.has(href.slice(1)));
    expect(broken).toEqual([]);
    const { openIdConnectUrl } = document.body.components.securitySchemes.openId;
    expect(new Set(links.filter((href) => !href.startsWith('#')))).toEqual(
      new Set(['data:,', '/openapi.json', openIdConnectUrl]),
    );
    expect(new Set(ids).size).toBe(page.text.match(/ id="/g)?.length);
  });

  it('loads nothing, and its policy allows its own style and script alone', () => {
    const style = /<style>(.*?)<\/style>/s.exec(page.text)?.[1] ?? '';
    const script = /<script>(.*?)<\/script>/s.exec(page.text)?.[1] ?? '';
    expect(page.headers.get('content-security-policy')?.split('; ')).toEqual([
      `default-src 'none'`,
      `style-src ${hashOf(style)}`,
      `script-src ${hashOf(script)}`,
      `connect-src 'self'`,
      'img-src data:',
      `form-action 'none'`,
      `frame-ancestors 'none'`,
      `base-uri 'none'`,
    ]);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.text.replace(script, '')).not.toMatch(/\ssrc=|\sstyle=|\son\w+=|@import|url\(/);
    expect(script).not.toMatch(/https?:|localStorage|sessionStorage|cookie|innerHTML/);
  });

  it('has a labelled control for everything that can be sent', () => {
    const controls = [...page.text.matchAll(/<(?:input|select|textarea) id="([^"]+)"/g)].map(([, id]) => id ?? '');
    const labels = new Set([...page.text.matchAll(/<label for="([^"]+)"/g)].map(([, id]) => id));
    expect(controls.filter((id) => !labels.has(id))).toEqual([]);
    for (const operation of operations) {
      const { method, path, params, query, headers, body } = operation;
      const form = /<form.*?<\/form>/s.exec(partOf(operation))?.[0] ?? '';
      expect(form).toContain(`data-method="${method}" data-path="${path}"`);
      const names = [...form.matchAll(/ name="([^"]+)"/g)].map(([, name]) => name);
      expect(names).toEqual([...[...params, ...query].map(({ name }) => name), ...headers]);
      expect(form.includes('<textarea')).toBe(body !== undefined);
      expect(form.includes(' data-secured')).toBe(operation.secured);
    }
  });
});
