import { describe, expect, it } from 'vitest';
import { decodeBlock, encodeBlock, type Row } from '../../../../shared/readings/codec/block.ts';
import { unframe } from '../../../../shared/readings/codec/frame.ts';
import { shown } from './arbitraries.ts';
import { VERSION_1_BYTES, VERSION_1_GROUPS } from './version-1.ts';

const names = Object.keys(VERSION_1_GROUPS) as (keyof typeof VERSION_1_GROUPS)[];
const arrivalOf = {
  exact: (row: Row) => row.receivedAt,
  second: (row: Row) => Math.floor(row.receivedAt / 1000) * 1000,
  none: (row: Row) => row.ts,
};

describe.each(names)('version 1, %s', (name) => {
  const { groups, arrival } = VERSION_1_GROUPS[name];
  const bytes = Buffer.from(VERSION_1_BYTES[name], 'hex');

  it('reads the readings that were written', () => {
    const expected = groups.map((group) => ({
      ...group,
      rows: group.rows.map((row) => ({ ...row, receivedAt: arrivalOf[arrival](row) })),
    }));
    expect(shown(decodeBlock(bytes))).toBe(shown(expected));
  });

  it('is still what is written', () => {
    // Compared inflated: another zlib may deflate the same body to other bytes.
    expect(Buffer.from(unframe(encodeBlock(groups, { arrival }))).toString('hex')).toBe(
      Buffer.from(unframe(bytes)).toString('hex'),
    );
  });
});
