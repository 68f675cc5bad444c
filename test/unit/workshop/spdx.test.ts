import { expect, it } from 'vitest';
import { isAllowed } from '../../support/checks/spdx.ts';

const allowed = new Set(['MIT', 'Apache-2.0']);

it.each([
  ['MIT', true],
  ['GPL-3.0-only', false],
  ['MIT OR GPL-3.0-only', true],
  ['(GPL-3.0-only OR MIT)', true],
  ['MIT AND GPL-3.0-only', false],
  ['MIT AND Apache-2.0', true],
  ['GPL-3.0-only OR MIT AND Apache-2.0', true],
  ['(GPL-3.0-only OR MIT) AND GPL-2.0-only', false],
  ['MIT OR (GPL-3.0-only AND', false],
  ['Apache-2.0 WITH LLVM-exception', true],
  ['GPL-2.0-only WITH Classpath-exception-2.0', false],
  ['MIT Apache-2.0', false],
  ['(MIT', false],
  ['MIT OR', false],
  ['SEE LICENSE IN LICENSE', false],
  ['', false],
])('%j is allowed: %s', (expression, verdict) => {
  expect(isAllowed(expression, allowed)).toBe(verdict);
});
