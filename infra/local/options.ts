/** The command line of `npm start -- …`. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, Refusal } from './refusal.ts';

export interface Options {
  /** Absolute. */
  readonly data: string;
  readonly fresh: boolean;
  readonly policyCacheSeconds: number;
  /** Path of the control socket; absent: there is none. */
  readonly control?: string;
  /** Ports asked for; 0 is any free one. */
  readonly ports: { readonly api?: number; readonly mqtt?: number; readonly auth?: number };
}

/** AWS IoT takes six to eight minutes until a changed policy holds for a connected device. */
const AWS_POLICY_DELAY_SECONDS = 480;

export const USAGE = `Runs Custodia on this computer: the CDK app's own templates and functions against embedded AWS services.

  npm start -- [options]

  --data DIR              where everything lies (default .local)
  --fresh                 forget what the host kept in DIR, then start
  --port PORT             HTTP API (default 8400, or a free port; 0: any free port)
  --auth-port PORT        OAuth endpoints (default 8401, or a free port)
  --mqtt-port PORT        MQTT over TLS (default 8883, or a free port)
  --policy-cache SECONDS  how long the broker keeps device policies (default ${AWS_POLICY_DELAY_SECONDS}, as AWS does)
  --control FILE          a socket for tests: clock, faults, kills
  --help                  this text`;

const OPTIONS = {
  data: { type: 'string', default: '.local' },
  fresh: { type: 'boolean', default: false },
  port: { type: 'string' },
  'auth-port': { type: 'string' },
  'mqtt-port': { type: 'string' },
  'policy-cache': { type: 'string' },
  control: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Throws a `Refusal` with exit code 2 for what isn't right. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  const ports = {
    ...given('api', port('--port', values.port)),
    ...given('auth', port('--auth-port', values['auth-port'])),
    ...given('mqtt', port('--mqtt-port', values['mqtt-port'])),
  };
  const fixed = Object.values(ports).filter((number) => number !== 0);
  if (new Set(fixed).size < fixed.length) throw usageError('--port, --auth-port and --mqtt-port must differ');
  return {
    data: path.resolve(filled('--data', values.data)),
    fresh: values.fresh,
    policyCacheSeconds: number('--policy-cache', values['policy-cache'], 86_400) ?? AWS_POLICY_DELAY_SECONDS,
    ...(values.control === undefined ? {} : { control: path.resolve(filled('--control', values.control)) }),
    ports,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw usageError(messageOf(error));
  }
}

const port = (option: string, value: string | undefined) => number(option, value, 65_535);

function number(option: string, value: string | undefined, most: number): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,6}$/.test(value) || Number(value) > most) {
    throw usageError(`${option} takes a whole number from 0 to ${most}, not ${JSON.stringify(value)}`);
  }
  return Number(value);
}

function filled(option: string, value: string): string {
  if (value === '') throw usageError(`${option} must not be empty`);
  return value;
}

const given = <K extends string>(key: K, value: number | undefined): { [P in K]?: number } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: number };

const usageError = (message: string) => new Refusal(`${message}\nSee npm start -- --help`, 2);
