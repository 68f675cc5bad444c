/** Charts of text. */
import { describe, expect, it } from 'vitest';
import { bar, sparkline, table } from '../../../infra/local/demo/chart.ts';

describe('a sparkline', () => {
  it('runs from the lowest to the highest block', () => {
    expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8])).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([-10, 0, 10])).toBe('▁▅█');
  });

  it('is flat in the middle where nothing changes, and empty without values', () => {
    expect(sparkline([3, 3, 3])).toBe('▄▄▄');
    expect(sparkline([])).toBe('');
  });

  it('thins a long row evenly', () => {
    const long = Array.from({ length: 700 }, (_, i) => i);
    expect(sparkline(long, 8)).toBe('▁▂▃▄▅▆▇█');
  });
});

it('a bar begins at zero and never runs over', () => {
  expect([bar(0, 10, 4), bar(5, 10, 4), bar(10, 10, 4)]).toEqual(['', '██', '████']);
  expect([bar(-3, 10, 4), bar(0, 0, 4)]).toEqual(['', '']);
});

it('a table aligns words to the left and numbers to the right', () => {
  expect(
    table(
      ['name', '°C'],
      [
        ['cellar', '7.5'],
        ['attic', '-21.0'],
      ],
    ),
  ).toBe('name       °C\n──────  ─────\ncellar    7.5\nattic   -21.0');
});
