/** The command line of `npm run demo -- …`. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, Refusal } from '../refusal.ts';

export interface DemoOptions {
  /** The host's data directory, absolute. */
  readonly data: string;
  readonly seconds: number;
  readonly devices: number;
}

export const USAGE = `Shows Custodia at work on a host that is running: an account, devices that stream over TLS, and what they sent.

  npm run demo -- [options]

  --data DIR     the data directory of the host (default .local)
  --seconds N    how long the devices stream, 1 to 3600 (default 8)
  --devices N    how many there are, 1 to 50 (default 5)
  --help         this text`;

const OPTIONS = {
  data: { type: 'string', default: '.local' },
  seconds: { type: 'string', default: '8' },
  devices: { type: 'string', default: '5' },
  help: { type: 'boolean', default: false },
} as const;

/** Throws a `Refusal` with exit code 2 for what isn't right. */
export function parseDemoOptions(args: readonly string[]): DemoOptions | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  if (values.data === '') throw usageError('--data must not be empty');
  return {
    data: path.resolve(values.data),
    seconds: whole('--seconds', values.seconds, 3600),
    devices: whole('--devices', values.devices, 50),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw usageError(messageOf(error));
  }
}

function whole(option: string, value: string, most: number): number {
  if (/^[1-9]\d{0,4}$/.test(value) && Number(value) <= most) return Number(value);
  throw usageError(`${option} takes a whole number from 1 to ${most}, not ${JSON.stringify(value)}`);
}

const usageError = (message: string) => new Refusal(`${message}\nSee npm run demo -- --help`, 2);
