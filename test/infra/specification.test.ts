/** Every resource is as AWS's resource specification wants it, and the check finds what isn't. */
import { beforeAll, expect, it } from 'vitest';
import { violationsOf } from '../support/resource-specification.ts';
import { resourcesOf, type Synthesis, synthesize } from '../support/synthesize.ts';

let prod: Synthesis;
beforeAll(() => {
  prod = synthesize({ stage: 'prod' });
});

it('finds nothing to refuse in our templates', async () => {
  expect(Object.keys(prod.templates)).toHaveLength(3);
  expect(await violationsOf(prod.templates)).toEqual([]);
});

it('finds a misspelt, a mistyped and a missing property, and an unknown type', async () => {
  const templates = structuredClone(prod.templates);
  const [fn] = resourcesOf({ ...prod, templates }, 'AWS::Lambda::Function');
  if (!fn) throw new Error('There is no function.');
  Object.assign(fn.Properties, { MemorySise: 1, Timeout: 'soon' });
  delete fn.Properties.Role;
  Object.assign(templates[fn.stack]?.Resources ?? {}, { Seeded: { Type: 'AWS::No::Such', Properties: {} } });
  const at = `${fn.stack}.${fn.id}`;
  expect((await violationsOf(templates)).sort()).toEqual(
    [
      `${at}.MemorySise: unknown property`,
      `${at}.Role: missing`,
      `${at}.Timeout: not a number: "soon"`,
      `${fn.stack}.Seeded: unknown type AWS::No::Such`,
    ].sort(),
  );
});
