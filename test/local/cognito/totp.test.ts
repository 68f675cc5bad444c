/** The second factor of a pool with MFA ON. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { totpCode, totpStep } from '../../../infra/local/services/cognito/login/totp.ts';
import { type Browser, newBrowser, type Shown } from '../../support/browser.ts';
import { type Host, PASSWORD, startHost } from './harness.ts';
import { codeOf, EMAIL, signIn } from './sign-in.ts';
import { type Deployed, deploy, poolProperties } from './template.ts';

let host: Host;
let app: Deployed;
beforeAll(async () => {
  host = await startHost();
  app = await deploy(host, { pool: { MfaConfiguration: 'ON' } });
  await host.cognito.ensureUser(app.poolId, EMAIL, PASSWORD);
});
afterAll(() => host.stop());

const keyOf = (shown: Shown) => /id="key">([A-Z2-7]{32})</.exec(shown.text)?.[1] ?? '';
const send = (browser: Browser, page: Shown, code: string) => browser.submit(page, { code });

test('the codes are those of RFC 6238', () => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  const codes = [59, 1_111_111_109, 1_234_567_890, 20_000_000_000].map((time) =>
    totpCode(secret, totpStep(time * 1000)),
  );
  expect(codes).toEqual(['287082', '081804', '005924', '353130']);
});

test('an authenticator app is set up at the first sign-in, asked for at the next, and each code serves once', async () => {
  const browser = newBrowser();
  const enrol = await signIn(host, app, { browser });
  const key = keyOf(enrol);
  expect(key).not.toBe('');
  const now = () => totpCode(key, totpStep(host.now()));
  const wrong = await send(browser, enrol, now() === '000000' ? '111111' : '000000');
  expect(wrong.text).toContain('That code is not right.');
  expect(keyOf(wrong)).toBe(key);
  const used = now();
  expect(codeOf(await send(browser, wrong, used))).not.toBe('');

  const next = newBrowser();
  const challenge = await signIn(host, app, { browser: next });
  expect(keyOf(challenge)).toBe('');
  expect(challenge.location).toBeUndefined();
  expect((await send(next, challenge, used)).text).toContain('That code is not right.');
  host.advance(30_000);
  expect(codeOf(await send(next, challenge, now()))).not.toBe('');

  await host.provision('Pool', 'AWS::Cognito::UserPool', { ...poolProperties, MfaConfiguration: 'OPTIONAL' });
  host.advance(30_000);
  const optional = newBrowser();
  expect((await signIn(host, app, { browser: optional })).text).toContain(
    'Enter the code that your authenticator app shows.',
  );
});

test('guessing codes locks', async () => {
  const browser = newBrowser();
  const challenge = await signIn(host, app, { browser });
  const statuses: number[] = [];
  for (let n = 0; n < 6; n += 1) statuses.push((await send(browser, challenge, 'nocode')).status);
  expect(statuses).toEqual([400, 400, 400, 400, 400, 429]);
});

test('ON without an authenticator app stops the boot', async () => {
  const properties = { ...poolProperties, MfaConfiguration: 'ON', EnabledMfas: ['SMS_MFA'] };
  await expect(host.provision('Sms', 'AWS::Cognito::UserPool', properties)).rejects.toThrow(
    /State\/Sms.*SOFTWARE_TOKEN_MFA/,
  );
});
