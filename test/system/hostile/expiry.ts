/** What becomes of exports by themselves, seen with an account's own session. It moves the clock by weeks, so it comes last. */
import { describe, expect, it } from 'vitest';
import { clientToken, openAccount, program } from '../../support/api.ts';
import { outcome } from '../../support/hostile/data-actions.ts';
import { onObject } from '../../support/hostile/object-actions.ts';
import { environment, puppet, sessionOf } from '../../support/hostile/puppet.ts';
import { host } from './host.ts';

describe('exports and uploads', () => {
  it('are gone after 30 days, counted from the midnight after, though nobody removed them', async () => {
    let acme = await openAccount(host.endpoints, 'Acme');
    const env = await environment(host, 'members', acme);
    const named = (name: string) => ({ Bucket: env.ARCHIVE_BUCKET ?? '', Key: `accounts/${acme.account}/${name}` });
    const [old, young] = [named('exports/old'), named('exports/young')];
    const again = async () => {
      acme = { ...acme, ...program(host.endpoints, await clientToken(host.endpoints, acme.client)) };
      return { as: await sessionOf(host, acme), by: puppet(host, 'members', acme) };
    };
    const write = async (at: typeof old) => {
      const { as, by } = await again();
      return (await by([onObject(at, 'PutObject', as)])).map(outcome);
    };
    const reads = async () => {
      await host.control('reap');
      const { as, by } = await again();
      return (await by([old, young].map((at) => onObject(at, 'GetObject', as)))).map(outcome);
    };
    expect(await write(old)).toEqual(['done']);
    await host.advance(20 * 86_400);
    expect(await write(young)).toEqual(['done']);
    await host.advance(10 * 86_400 - 60);
    expect(await reads()).toEqual(['done', 'done']);
    await host.advance(86_400 + 120);
    expect(await reads()).toEqual(['AccessDenied', 'done']);
  });
});
