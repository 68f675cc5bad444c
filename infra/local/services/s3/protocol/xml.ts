/** XML as S3 writes and reads it: elements with text, no attributes of any meaning, no mixed content. */
import { AwsError, type AwsResponse } from '../../../contract.ts';
import { escapeXml } from '../../../front-door/plain-error.ts';

export type Value = string | number | boolean | undefined | Members | readonly (string | Members)[];
/** A list repeats its element; `undefined` leaves it out. */
export interface Members {
  readonly [name: string]: Value;
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

export const xmlResponse = (root: string, members: Members, status = 200): AwsResponse => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${render(members)}</${root}>`,
});

/** Without a namespace, as S3's errors are. */
export const errorDocument = (members: Members): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${render(members)}</Error>`;

const render = (members: Members): string =>
  Object.entries(members)
    .flatMap(([name, value]) => [value ?? []].flat().map((one) => `<${name}>${content(one)}</${name}>`))
    .join('');

const content = (value: string | number | boolean | Members): string =>
  typeof value === 'object' ? render(value) : text(String(value));

/** Keys may hold control characters, which XML knows only as references, if at all. */
const text = (value: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  escapeXml(value).replace(/[\u0000-\u001f]/g, (character) => `&#x${character.charCodeAt(0).toString(16)};`);

export interface Element {
  readonly name: string;
  readonly children: readonly Element[];
  /** Empty where there are children. */
  readonly text: string;
}

/** The text of the only child of that name. */
export const childText = (element: Element, name: string): string | undefined => child(element, name)?.text;
export const child = ({ children }: Element, name: string): Element | undefined =>
  children.find((element) => element.name === name);

const MAX_DEPTH = 16;
const TOKEN = /<\?[^<>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)(?:\s[^<>]*?)?(\/?)>|([^<]+)/y;

/** The root element. Throws `MalformedXML`; declarations of types (`<!DOCTYPE`) are not XML to S3. */
export function parseXml(source: string): Element {
  const root: Mutable = { name: '', children: [], text: '' };
  const open: Mutable[] = [root];
  TOKEN.lastIndex = 0;
  for (let end = 0; end < source.length; end = TOKEN.lastIndex) {
    const token = TOKEN.exec(source);
    if (!token) throw malformed();
    const [, closing, name, empty, characters] = token;
    const current = open[open.length - 1] ?? root;
    if (characters !== undefined) current.text += unescapeXml(characters);
    else if (name !== undefined && closing) {
      if (open.length < 2 || current.name !== name) throw malformed();
      open.pop();
    } else if (name !== undefined) {
      const element: Mutable = { name, children: [], text: '' };
      current.children.push(element);
      if (!empty) open.push(element);
      if (open.length > MAX_DEPTH) throw malformed();
    }
  }
  const [only, more] = root.children;
  if (open.length !== 1 || !only || more || root.text.trim() !== '') throw malformed();
  return only;
}

interface Mutable {
  name: string;
  children: Mutable[];
  text: string;
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const unescapeXml = (characters: string): string =>
  characters.replace(/&(?:([#\w]+);)?/g, (_, name = '') => {
    const [, hex, code] = /^#(x?)([0-9a-f]{1,6})$/i.exec(name) ?? [];
    const point = code === undefined ? Number.NaN : Number.parseInt(code, hex ? 16 : 10);
    const character = point <= 0x10ffff ? String.fromCodePoint(point) : NAMED[name];
    if (character === undefined) throw malformed();
    return character;
  });

export const malformed = (): AwsError =>
  new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
