/**
 * The part of the docs page's script that touches the page. It is put into the page by its source, too: it gets what it needs of
 * docs-script.ts as an argument. The types say what it uses of a browser; the project has no types of browsers.
 */
import type { curlCommand, prepareRequest } from './docs-script.ts';

interface Element {
  id: string;
  hidden: boolean;
  open: boolean;
  disabled: boolean;
  value: string;
  name: string;
  textContent: string;
  tabIndex: number;
  ariaLabel: string;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
  closest(selector: string): Element | null;
  addEventListener(
    event: string,
    listener: (event: { key?: string; target: Element; preventDefault(): void }) => void,
  ): void;
  replaceChildren(...children: Element[]): void;
  scrollIntoView(): void;
  focus(): void;
}

declare const document: Element & { createElement(name: string): Element; getElementById(id: string): Element };
declare const location: { readonly origin: string; readonly hash: string };
declare const addEventListener: (event: string, listener: () => void) => void;

export function startPage(own: { prepareRequest: typeof prepareRequest; curlCommand: typeof curlCommand }): void {
  const token = document.getElementById('token');
  const filter = document.getElementById('filter');
  const found = document.getElementById('found');
  const operations = [...document.querySelectorAll('.op')];

  /** Text that a keyboard can scroll. */
  const block = (label: string, text: string) => {
    const element = document.createElement('pre');
    element.tabIndex = 0;
    element.ariaLabel = label;
    element.textContent = text;
    return element;
  };

  function search() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const operation of operations) {
      const text = `${operation.id} ${operation.querySelector('summary')?.textContent}`.toLowerCase();
      operation.hidden = !words.every((word) => text.includes(word));
    }
    for (const group of document.querySelectorAll('section.tag')) {
      group.hidden = ![...group.querySelectorAll('.op')].some((operation) => !operation.hidden);
    }
    const shown = operations.filter((operation) => !operation.hidden).length;
    found.textContent = words.length > 0 ? `${shown} of ${operations.length} operations` : '';
  }

  function openTarget() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = [...document.querySelectorAll('details')].find((details) => details.id === id);
    if (!target) return;
    target.hidden = false;
    target.open = true;
    target.scrollIntoView();
  }

  function requestOf(form: Element) {
    const controls = [...form.querySelectorAll('[data-in]')];
    const one = (place: string) => controls.find((control) => control.dataset.in === place)?.value;
    const body = one('body');
    const accept = one('accept');
    return own.prepareRequest({
      method: form.dataset.method ?? 'GET',
      path: form.dataset.path ?? '/',
      fields: controls.map(({ name, dataset, value }) => ({ name, place: dataset.in ?? '', value })),
      ...(body === undefined ? {} : { body }),
      ...(accept === undefined ? {} : { accept }),
    });
  }

  const showCurl = (form: Element) => {
    const curl = form.querySelector('.curl');
    if (curl) curl.textContent = own.curlCommand(location.origin, requestOf(form), 'secured' in form.dataset);
  };

  const readable = (text: string, type: string) => {
    const most = 200_000;
    let shown = text;
    try {
      if (/json/.test(type) && !/ndjson/.test(type)) shown = JSON.stringify(JSON.parse(text), undefined, 2);
    } catch {
      // Not the JSON that it says it is: shown as it came.
    }
    return shown.length > most ? `${shown.slice(0, most)}\n… ${text.length} characters in all` : shown;
  };

  async function send(form: Element) {
    const status = form.querySelector('[role=status]');
    const place = form.querySelector('.answer');
    const button = form.querySelector('button');
    if (!status || !place || !button) return;
    const { url, method, headers, body } = requestOf(form);
    const bearer =
      'secured' in form.dataset && token.value !== '' ? { Authorization: `Bearer ${token.value.trim()}` } : {};
    button.disabled = true;
    status.textContent = 'Sending …';
    place.replaceChildren();
    const began = Date.now();
    try {
      const answer = await fetch(url, {
        method,
        headers: { ...headers, ...bearer },
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'manual',
        ...(body === undefined ? {} : { body }),
      });
      const text = await answer.text();
      const lines = [...answer.headers].map(([name, value]) => `${name}: ${value}`);
      status.textContent = `${answer.status} ${answer.statusText} · ${Date.now() - began} ms`;
      place.replaceChildren(
        block('Headers', lines.join('\n')),
        block('Body', readable(text, answer.headers.get('content-type') ?? '') || '(empty)'),
      );
    } catch (error) {
      status.textContent = `Nothing was answered: ${error instanceof Error ? error.message : error}`;
    } finally {
      button.disabled = false;
    }
  }

  for (const element of document.querySelectorAll('[hidden]')) element.hidden = false;
  for (const form of document.querySelectorAll('form')) {
    showCurl(form);
    form.addEventListener('input', () => showCurl(form));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void send(form);
    });
  }
  filter.addEventListener('input', search);
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target.closest('input, textarea, select')) return;
    event.preventDefault();
    filter.focus();
  });
  addEventListener('hashchange', openTarget);
  // A page that is kept in memory for the back button doesn't keep the token.
  addEventListener('pagehide', () => {
    token.value = '';
  });
  openTarget();
}
