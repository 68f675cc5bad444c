// Known readings, and the bytes that version 1 of the format wrote for them. Blocks live for years: these bytes never change. A
// new format gets a new version and its own list, and decoding this one goes on working.

import { type JsonValue, parseJson } from '../../../../shared/platform/json-value.ts';
import type { Arrival, Group } from '../../../../shared/readings/codec/block.ts';

interface Known {
  readonly arrival: Arrival;
  readonly groups: Group[];
}

function group(
  device: string,
  times: readonly (readonly [ts: number, receivedAt: number])[],
  values: JsonValue,
): Group {
  const rows = times.map(([ts, receivedAt], i) => ({ ts, receivedAt, value: (values as JsonValue[])[i] as JsonValue }));
  return { device, stream: 'telemetry', buckets: ['bkt_a', 'bkt_ü'], rows };
}

const T = 1_700_000_000_123;
const soon = (count: number) => Array.from({ length: count }, (_, i) => [T + i * 10, T + i * 10 + 7] as const);

const everyKind = parseJson(
  '[null, true, false, -0, 21.45, 1e308, 9007199254740993, "on", "\\ud83d", [1, {"a": []}], {}, {"b": 1, "a": "on"},' +
    ' {"a": "off", "b": -2.5, "": null}, {"__proto__": 1, "constructor": 2}, {"a": "on", "b": 12345678901}]',
);

const hour = Array.from({ length: 60 }, (_, i) => ({
  temperature: (2000 + ((i * 37) % 11) + i) / 100,
  rssi: -70 + ((i * 7) % 5),
  state: i < 40 ? 'running' : 'idle',
}));
const jittered = hour.map((_, i) => {
  const ts = T + i * 10_000 + ((i * 104_729) % 241) - 120;
  return [ts, ts + ((i * 7919) % 1500)] as const;
});

const { MAX_SAFE_INTEGER: MAX, MIN_SAFE_INTEGER: MIN } = Number;

export const VERSION_1_GROUPS = {
  everyKind: { arrival: 'exact', groups: [group('dev_a', soon(15), everyKind), group('dev_b', soon(1), [7])] },
  hour: { arrival: 'second', groups: [group('dev_a', jittered, hour)] },
  farApart: {
    arrival: 'exact',
    groups: [
      group(
        '',
        [
          [MIN, MAX],
          [MAX, MIN],
          [0, 0],
        ],
        [1, 2, 4],
      ),
      { ...group('x', [], []), buckets: [] },
    ],
  },
  texts: {
    arrival: 'none',
    groups: [
      group(
        'dev_a',
        soon(9).map(([ts]) => [ts, ts]),
        Array.from({ length: 9 }, (_, i) => ({ note: `door ${i % 3} opened` })),
      ),
    ],
  },
} satisfies Record<string, Known>;

/** In hexadecimal. */
export const VERSION_1_BYTES: Record<keyof typeof VERSION_1_GROUPS, string> = {
  everyKind:
    'd1e5062c9a870255c13d4a03411806e0f79bbfcd465123c1cac6a953ec6a248ce0499665d849264d7447d6312022569ec156c12e5748' +
    'a54d0a0f609b4eb114441bb1549f870152a23df2535b8dfcd43a508a34fa237fec63730eea60b3d06e126da57bda4da27d9ceb729dd8' +
    'c7ddecfbcb75f1d78c81d6f09f2442ba822d57597bd28418ac1d86fa343667c3181a05e22041609c0b4ef8458c0b0941e8e6f72f8bd7' +
    '9b4401c43864a8c378dc82009800440b8cb8908952896078d8f96cdf2edeaedf9f965700235201350e9f3756b16db26c901bb3bbdf1f' +
    'f43363f68abc77a12b7d509497e50f',
  hour:
    'd1accf533fce038dc1316a5b511005d0fbe7de89915d2564a60da8f612bc136384841f41d816e1ebdbe00db8f11e8c7a4356902e2b99' +
    'd9459a90f46972ce0487df8ea7cd162bac96713f1ec6323fe3233e5daf7777cb66bbbe5cefee96cdcf1feb9b2b7b39bdfffeb5fbfe36' +
    '159bc566b15944b3d82c368bcd229ac566b15944b3d82c368bcd229ac566b1596c16d12c368bcd229ac566b1596c1631e12f03cc0003' +
    'cc000360801960801960000c3000069801069801bc90e3f3321ebe8d79bb3cce633e1ef7c765bb8c49984c66a72fe788442422231189' +
    '484446221291888c442422111989484422321291c2f43a492e975c2eb95c72b9e472c9e592cb25974b2e975c2eb95c727dc0f47f60ff' +
    '3a132ee6c7c3617ff8babfbd1f7f00',
  farApart:
    'd108e831f27063626060606460ac6060e464e02c49cd49cd4d2d29aa64601064621089564aca2e894f54d2514aca2e893fbc4729363a' +
    '969981e53f18d81ffe0f06f6ce0c50c0ccf21f0cec9dff8381fd6106046064606160020200',
  texts:
    'd188ef0a207f63646065604d492d8b4f64e064e02c49cd49cd4d2d29aa641064108a564aca2e894f54d201d387f728c572327d5bb8fa' +
    'dfcf241106086062646160c9cb2f4965646260636060606462666462e6e5e565504fc9cf2f523050c82f48cd4b4d01730c913946500e' +
    '00',
};
