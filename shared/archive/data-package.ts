/** A data package's description (`datapackage.json`, Frictionless), resource by resource, so that a million of them takes no memory. */
import { archiveJson } from './archive-json.ts';

/** Names are unique, lower case, and of what a data package allows. */
export const resourceName = (path: string): string =>
  path
    .toLowerCase()
    .replaceAll(/[^a-z0-9._/-]/g, '-')
    .replaceAll('/', '.');

/** `created`: ISO 8601; `custodia`: what the standard has no member for. */
export interface PackageHead {
  readonly id: string;
  readonly created: string;
  readonly custodia: object;
}

/** Members that are `undefined` are left out. */
const json = (value: object) => archiveJson(JSON.parse(JSON.stringify(value)));

export async function* dataPackage(
  { id, created, custodia }: PackageHead,
  resources: AsyncIterable<object>,
): AsyncGenerator<string> {
  const head = json({ created, custodia, name: id.replace('_', '-') });
  yield `${head.slice(0, -1)},"profile":"data-package","resources":[`;
  let first = true;
  for await (const resource of resources) {
    yield `${first ? '' : ','}\n${json(resource)}`;
    first = false;
  }
  yield '\n]}\n';
}
