/** The devices of one account that the benches drive, with the ids that their messages carry: ULIDs of things made within a day. */
import { ulid } from 'ulid';
import { randomFrom } from './telemetry.ts';

export interface Station {
  readonly device: string;
  readonly certificate: string;
}

export interface Fleet {
  readonly account: string;
  readonly product: string;
  readonly bucket: string;
  readonly stations: readonly Station[];
}

const MADE = Date.UTC(2026, 8, 1);
const DAY_MS = 86_400_000;

/** `n`: of several alike, which. */
export function fleetOf(devices: number, n = 0): Fleet {
  const random = randomFrom(devices * 31 + 7 + n * 104_729);
  const id = (prefix: string) => `${prefix}_${ulid(MADE + Math.floor(DAY_MS * random()), random).toLowerCase()}`;
  const hex = () => Math.floor(16 * random()).toString(16);
  return {
    account: id('acc'),
    product: id('prd'),
    bucket: id('bkt'),
    stations: Array.from({ length: devices }, () => ({
      device: id('dev'),
      certificate: Array.from({ length: 64 }, hex).join(''),
    })),
  };
}
