import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { IGNORED_TYPES } from '../../../infra/local/cloudformation/ignored.ts';
import { renderTable, withTable } from '../../../infra/local/cloudformation/table.ts';
import type { ResourceProvider } from '../../../infra/local/contract.ts';
import { everyProvider } from './every-provider.ts';

const README = path.resolve('infra/local/README.md');

/** Words of properties that carry a promise: ignoring one would let the laptop pass what AWS would not do. */
const PROMISE =
  /Policy|Policies|Condition|Encrypt|SSE|Sse|Kms|TimeToLive|Redrive|DeadLetter|Dlq|Timeout|Batch|Lifecycle|Retention|Tls|SecurityPolicy/;

/** The closed list of such properties that are ignored nevertheless. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'AWS::Lambda::Function KmsKeyArn':
    'encrypts the variables at rest in AWS; on the laptop they rest nowhere but in the template',
  'AWS::Logs::LogGroup KmsKeyId':
    'encrypts log events at rest in AWS; the README says that the laptop encrypts no files',
};

let providers: readonly ResourceProvider[];
beforeAll(async () => {
  providers = await everyProvider();
});

test('the README’s table says what the providers do', () => {
  const readme = readFileSync(README, 'utf8');
  const expected = withTable(readme, renderTable(providers));
  if (process.env.UPDATE_README) writeFileSync(README, expected);
  else expect(readme).toBe(expected);
});

test('no property that carries a promise is ignored, but for a closed list with reasons', () => {
  const found = providers.flatMap(({ type, ignored }) =>
    Object.keys(ignored)
      .filter((property) => PROMISE.test(property))
      .map((property) => `${type} ${property}`),
  );
  expect(found.toSorted()).toEqual(Object.keys(EXCEPTIONS).toSorted());
});

test('only types of monitoring are ignored wholly', () => {
  const whole = providers.filter(({ ignored }) => '*' in ignored).map(({ type }) => type);
  expect(whole.toSorted()).toEqual(IGNORED_TYPES.toSorted());
  for (const type of whole) expect(type).toMatch(/^AWS::(CloudWatch|SNS|CDK)::/);
});

test('every entry has its explanation, and no property is both honoured and ignored', () => {
  for (const { type, honoured, ignored } of providers) {
    for (const [property, text] of [...Object.entries(honoured), ...Object.entries(ignored)]) {
      expect(text.length, `${type} ${property}`).toBeGreaterThan(4);
    }
    expect(
      Object.keys(honoured).filter((property) => property in ignored),
      type,
    ).toEqual([]);
  }
});
