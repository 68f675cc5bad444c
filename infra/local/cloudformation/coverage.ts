/** Which properties of a resource a provider lists, by dotted path; an entry covers all below it. */
import type { ResourceProvider } from '../contract.ts';
import { intrinsicOf, isRecord } from './intrinsics.ts';

/** The one entry of `ignored` of a type that the laptop ignores wholly. */
export const EVERYTHING = '*';

/** Paths in `properties` that neither list covers. Elements of a list share their list's path. */
export function unlistedProperties(properties: unknown, { honoured, ignored }: ResourceProvider): string[] {
  const entries = [...Object.keys(honoured), ...Object.keys(ignored)];
  if (entries.includes(EVERYTHING)) return [];
  const listed = new Set(entries);
  const leadsToListed = (path: string) => entries.some((entry) => entry.startsWith(`${path}.`));
  const found = new Set<string>();

  const walk = (value: unknown, path: string): void => {
    if (listed.has(path)) return;
    const call = intrinsicOf(value);
    if (call) {
      const branches = call[0] === 'Fn::If' && Array.isArray(call[1]) ? call[1].slice(1) : undefined;
      if (branches) for (const branch of branches) walk(branch, path);
      else if (!isNoValue(call)) found.add(path);
    } else if (Array.isArray(value)) {
      if (value.length === 0 && !leadsToListed(path)) found.add(path);
      for (const item of value) walk(item, path);
    } else if (isRecord(value) && leadsToListed(path)) {
      for (const [key, item] of Object.entries(value)) walk(item, `${path}.${key}`);
    } else {
      found.add(path);
    }
  };
  if (isRecord(properties)) for (const [key, value] of Object.entries(properties)) walk(value, key);
  return [...found];
}

const isNoValue = ([name, argument]: readonly [string, unknown]): boolean =>
  name === 'Ref' && argument === 'AWS::NoValue';
