import { describe, expect, it } from 'vitest';
import { ACCOUNT_SCOPES, isAccountScope, ROLE_SCOPES, scopesOfClaim } from '../../../shared/api/scopes.ts';

/** What each role may do, by noun: `r` reads, `w` writes, `-` neither. Written by hand, so that the code's rules must come to it. */
const TABLE = `
noun              owner admin editor viewer
account           rw    r     r      r
members           rw    rw    -      -
api-clients       rw    rw    -      -
products          rw    rw    rw     r
devices           rw    rw    rw     r
buckets           rw    rw    rw     r
readings          rw    rw    rw     r
connectors        rw    rw    rw     r
rejected-messages r     r     r      r
processing        r     r     r      r
audit-events      rw    rw    -      -
service-data      r     r     r      r
exports           rw    rw    rw     r
imports           rw    rw    r      r
backup-plan       rw    rw    r      r
snapshots         rw    rw    r      r
erasures          rw    rw    r      r
payment-method    rw    -     -      -
transactions      r     -     -      -
policies          rw    rw    r      r
reviews           rw    rw    r      r
`;

const [head = [], ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.split(/ +/));

describe('the scopes of a role', () => {
  it.each([1, 2, 3, 4])('are those of the table, in column %i', (column) => {
    const role = head[column] as keyof typeof ROLE_SCOPES;
    const expected = rows.flatMap(([noun, ...rights]) => {
      const right = rights[column - 1] ?? '';
      return [...(right.includes('r') ? [`${noun}.read`] : []), ...(right.includes('w') ? [`${noun}.write`] : [])];
    });
    expect([...ROLE_SCOPES[role]].sort()).toEqual(expected.sort());
  });

  it('are no more than Cognito lets a client have, together with the operator’s', () => {
    expect(ACCOUNT_SCOPES.length).toBeLessThanOrEqual(49);
    expect(new Set(ACCOUNT_SCOPES).size).toBe(ACCOUNT_SCOPES.length);
    expect(isAccountScope('operator')).toBe(false);
  });
});

describe('the scope claim of a token', () => {
  it('counts for our resource server alone', () => {
    expect(scopesOfClaim('openid custodia/devices.read other/devices.write custodia/operator')).toEqual([
      'devices.read',
      'operator',
    ]);
    for (const claim of ['', ' ', 'custodia', 'xcustodia/devices.read', 'CUSTODIA/devices.read'])
      expect(scopesOfClaim(claim)).toEqual([]);
  });
});
