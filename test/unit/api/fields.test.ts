import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitField, nameField, parseIsoTime, timeInput, timeZoneField } from '../../../shared/api/fields.ts';

const MINUTE = 60_000;
const two = (n: number) => String(n).padStart(2, '0');

describe('an ISO 8601 time', () => {
  it('with any offset is the moment that it names', () => {
    const moments = fc.date({
      min: new Date('1970-01-02T00:00:00Z'),
      max: new Date('9998-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(
        moments,
        fc.integer({ min: -1439, max: 1439 }),
        fc.boolean(),
        fc.stringMatching(/^\d{0,9}$/),
        (date, offset, colon, finer) => {
          const local = new Date(date.getTime() + offset * MINUTE).toISOString().slice(0, -1);
          const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
          const zone = `${offset < 0 ? '-' : '+'}${two(hours)}${colon ? ':' : ''}${two(minutes)}`;
          expect(parseIsoTime(local + finer + zone)).toBe(date.getTime());
        },
      ),
    );
  });

  it('may be written shorter', () => {
    expect(parseIsoTime('2026-03-01T10:00Z')).toBe(Date.UTC(2026, 2, 1, 10));
    expect(parseIsoTime('2026-03-01T10:00:00.5Z')).toBe(Date.UTC(2026, 2, 1, 10, 0, 0, 500));
    expect(parseIsoTime('2024-02-29T00:00:00Z')).toBe(Date.UTC(2024, 1, 29));
  });

  it.each([
    '',
    '2026',
    '2026-03-01',
    '2026-03-01T10:00:00',
    '2026-03-01 10:00:00Z',
    '2026-3-1T10:00:00Z',
    '2026-03-01T10Z',
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-04-31T00:00:00+02:00',
    '2026-00-01T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:61Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+01:60',
    '+012026-01-01T00:00:00Z',
    'Sun, 01 Mar 2026 10:00:00 GMT',
    '2026-03-01T10:00:00Z\n',
  ])('is none: %j', (text) => {
    expect(parseIsoTime(text)).toBeUndefined();
  });
});

describe('a time in a query', () => {
  it('may be epoch milliseconds, from the first to the last that there are', () => {
    for (const at of [0, -1, 1_772_000_000_123, 8.64e15, -8.64e15]) expect(timeInput.parse(String(at))).toBe(at);
    for (const text of ['1.5', '1e3', '8640000000000001', '12345678901234567', ' 1', '', '0x1', 'NaN', 'Infinity'])
      expect(timeInput.safeParse(text).success, text).toBe(false);
  });
});

describe('other fields', () => {
  it('a limit is decimal digits within bounds', () => {
    const field = limitField(200);
    expect([field.parse(undefined), field.parse('1'), field.parse('200'), field.parse('007')]).toEqual([50, 1, 200, 7]);
    for (const text of ['0', '201', '1.0', '1e1', '0x10', ' 1', '', 'x', '-1', null, [], {}])
      expect(field.safeParse(text).success, String(text)).toBe(false);
  });

  it('a name is counted in characters, not in what they take', () => {
    expect(nameField.safeParse('🌡'.repeat(1000)).success).toBe(true);
    for (const name of ['🌡'.repeat(1001), '', 'a\u0007', 'a\u0085', 1])
      expect(nameField.safeParse(name).success).toBe(false);
  });

  it('a time zone is one by name', () => {
    for (const zone of ['UTC', 'Europe/Madrid', 'America/Argentina/Ushuaia'])
      expect(timeZoneField.parse(zone)).toBe(zone);
    for (const zone of ['+01:00', '', 'Europe/Nowhere', 'local', 'x'.repeat(65)])
      expect(timeZoneField.safeParse(zone).success, zone).toBe(false);
  });
});
