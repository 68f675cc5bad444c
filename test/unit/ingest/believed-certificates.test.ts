/** How long a certificate is believed. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { AccountState, CertificateRow } from '../../../shared/directory/directory.ts';
import { believedCertificates } from '../../../shared/ingest/believed-certificates.ts';

const row = (account: string): CertificateRow => ({ account, product: 'p', device: 'd', number: 1, credential: 'c' });
const statesOf = (...counts: [string, number][]): ReadonlyMap<string, AccountState> =>
  new Map(counts.map(([account, revocations]) => [account, { status: 'active', revocations }]));

let rows: Map<string, CertificateRow>;
let loaded: string[][];
let now: number;
let find: ReturnType<typeof believedCertificates>;
beforeEach(() => {
  rows = new Map([
    ['c1', row('a')],
    ['c2', row('a')],
    ['c3', row('b')],
  ]);
  loaded = [];
  now = 0;
  find = believedCertificates(
    () => now,
    async (ids) => {
      loaded.push(ids);
      return new Map(ids.flatMap((id) => (rows.has(id) ? [[id, rows.get(id) as CertificateRow]] : [])));
    },
    2,
  );
});
const found = async (ids: string[], states: ReadonlyMap<string, AccountState>) => [...(await find(ids, states)).keys()];

describe('a certificate', () => {
  it('is read once while nothing of its account is revoked, for an hour', async () => {
    const states = statesOf(['a', 0]);
    expect(await found(['c1', 'c2', 'c1'], states)).toEqual(['c1', 'c2']);
    now = 3_599_999;
    expect(await found(['c1', 'c2'], states)).toEqual(['c1', 'c2']);
    expect(loaded).toEqual([['c1', 'c2']]);
    now = 3_600_000;
    rows.delete('c1');
    expect(await found(['c1', 'c2'], states)).toEqual(['c2']);
  });

  it('is read again once its own account has revoked, whichever it was', async () => {
    await found(['c1', 'c3'], statesOf(['a', 4], ['b', 0]));
    rows.delete('c1');
    rows.delete('c3');
    expect(await found(['c1', 'c3'], statesOf(['a', 5], ['b', 0]))).toEqual(['c3']);
    expect(await found(['c1', 'c3'], statesOf(['a', 5], ['b', 1]))).toEqual([]);
  });

  it('whose account is not among those asked for is not believed the next time', async () => {
    await found(['c3'], statesOf(['a', 0]));
    expect(await found(['c3'], statesOf(['b', 0]))).toEqual(['c3']);
    expect(loaded).toEqual([['c3'], ['c3']]);
  });

  it('that is new is seen at once: what was not found is not remembered', async () => {
    const states = statesOf(['a', 0]);
    expect(await found(['c9'], states)).toEqual([]);
    rows.set('c9', row('a'));
    expect(await found(['c9'], states)).toEqual(['c9']);
  });

  it('is let go of when there are too many, those first that were read first', async () => {
    const states = statesOf(['a', 0], ['b', 0]);
    await found(['c1'], states);
    await found(['c2'], states);
    expect(await found(['c3'], states)).toEqual(['c3']);
    await found(['c2', 'c3'], states);
    await found(['c1'], states);
    expect(loaded).toEqual([['c1'], ['c2'], ['c3'], ['c1']]);
  });
});
