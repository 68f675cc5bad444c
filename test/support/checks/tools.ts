/** The parts that are one tool each, and whose exit code is the verdict. */
import { executeTool, type Part, verdictOf } from './part.ts';

const tool = (name: string, script: string, ...args: string[]): Part => ({
  name,
  run: async (root) => verdictOf(await executeTool(root, script, args)),
});

const BIOME = '@biomejs/biome/bin/biome';
const BIOME_OPTIONS = [
  '--config-path=.biome.json',
  '--colors=off',
  '--no-errors-on-unmatched',
  '--diagnostic-level=warn',
  '--max-diagnostics=100',
];

export const format = tool('format', BIOME, 'format', ...BIOME_OPTIONS);
export const lint = tool('lint', BIOME, 'lint', '--error-on-warnings', ...BIOME_OPTIONS);
export const types = tool('types', 'typescript/bin/tsc', '--project', '.', '--noEmit', '--pretty', 'false');
export const deadCode = tool('dead code', 'knip/bin/knip.js', '--config', '.knip.json', '--no-progress');

/** The writer knows how the document is made; it exits with 1 when the committed one differs. */
export const openapiDrift = tool('OpenAPI drift', '../infra/node24.cjs', 'shared/api/write-openapi.ts', '--check');
