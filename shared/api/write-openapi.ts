/** Writes `openapi.json` beside this file; with `--check`, exits 1 if it isn't what the route table says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { openApiDocument } from './openapi.ts';

const file = new URL('./openapi.json', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const document = `${JSON.stringify(openApiDocument(manifest.version), null, 2)}\n`;

if (process.argv.includes('--check')) {
  const written = readFileSync(file, 'utf8');
  if (written !== document) {
    console.error('shared/api/openapi.json is not what the route table says: run `npm run openapi` and commit it.');
    process.exit(1);
  }
} else {
  writeFileSync(file, document);
}
