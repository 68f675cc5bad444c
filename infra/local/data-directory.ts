/** The data directory: its layout, its lock, what the host itself keeps there, and the way back from a damaged one. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { LOCK_FILE, lockDirectory, PID_FILE } from './directory-lock.ts';
import { PRIVATE_DIRECTORY, PRIVATE_FILE, writeJson } from './files.ts';
import { findDamage } from './integrity.ts';
import { messageOf, Refusal } from './refusal.ts';

/** Says that the directory is the host's own; `--fresh` deletes nothing without it. */
const MARKER = 'custodia-laptop.json';
const SETTINGS = 'settings.json';
const LAYOUT = 1;
/**
 * All that the host makes, but for what must stay: the lock, or a second host could come in, and the marker, or a start that is
 * killed half-way would leave a directory that nobody made.
 */
const OWN = [
  'demo',
  'demo.json',
  'endpoints.json',
  'endpoints.json.tmp',
  SETTINGS,
  `${SETTINGS}.tmp`,
  'services',
  'outbox',
  'assembly',
  'host.log',
  'host.previous.log',
];
/** The CDK's output folder, where cdk.json puts it: may be there before the host. */
const TOLERATED = ['cdk.out'];

const port = z.int().min(1).max(65_535);
const markerSchema = z.strictObject({ layout: z.literal(LAYOUT) });
const settingsSchema = z.strictObject({
  ports: z.strictObject({ api: port, auth: port, mqtt: port, door: port }).partial(),
  operatorPassword: z.string().min(1),
});
export type HostSettings = z.output<typeof settingsSchema>;

export interface DataDirectory {
  readonly dir: string;
  readonly endpointsFile: string;
  readonly outbox: string;
  readonly assembly: string;
  /** The folder of one service; exists. */
  service(name: string): string;
  readonly settings: HostSettings;
  save(settings: HostSettings): void;
  removeEndpoints(): void;
  release(): void;
}

export function openDataDirectory(dir: string, { fresh }: { fresh: boolean }): DataDirectory {
  claim(dir);
  const release = lock(dir, fresh);
  try {
    if (fresh) {
      for (const name of OWN) rmSync(path.join(dir, name), { recursive: true, force: true });
      writeMarker(dir);
    }
    return open(dir, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** Refuses a directory of somebody else; a new one gets the marker before anything else. */
function claim(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: PRIVATE_DIRECTORY });
    const foreign = readdirSync(dir).filter((name) => !TOLERATED.includes(name));
    if (foreign.length === 0) writeMarker(dir);
    if (foreign.length === 0 || foreign.includes(MARKER)) return;
  } catch (error) {
    throw new Refusal(`The data directory ${dir} can't be used: ${messageOf(error)}`, 1, { cause: error });
  }
  throw new Refusal(`${dir} is not empty, and the laptop host did not make it: choose another directory with --data.`);
}

const writeMarker = (dir: string) =>
  writeFileSync(path.join(dir, MARKER), `${JSON.stringify({ layout: LAYOUT })}\n`, { mode: PRIVATE_FILE });

function lock(dir: string, fresh: boolean): () => void {
  try {
    return lockDirectory(dir);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (!fresh) throw damaged({ file: path.join(dir, LOCK_FILE), reason: messageOf(error) });
    for (const name of [LOCK_FILE, PID_FILE]) rmSync(path.join(dir, name), { force: true });
    return lockDirectory(dir);
  }
}

function open(dir: string, release: () => void): DataDirectory {
  readOwn(path.join(dir, MARKER), markerSchema);
  const folder = (name: string) => {
    const made = path.join(dir, name);
    mkdirSync(made, { recursive: true, mode: PRIVATE_DIRECTORY });
    return made;
  };
  const settingsFile = path.join(dir, SETTINGS);
  const damage = findDamage(folder('services'));
  if (damage) throw damaged(damage);
  let settings = existsSync(settingsFile) ? readOwn(settingsFile, settingsSchema) : firstSettings();
  const directory: DataDirectory = {
    dir,
    endpointsFile: path.join(dir, 'endpoints.json'),
    outbox: folder('outbox'),
    assembly: folder('assembly'),
    service: (name) => folder(path.join('services', name)),
    get settings() {
      return settings;
    },
    save(next) {
      settings = next;
      writeJson(settingsFile, settings);
    },
    removeEndpoints: () => rmSync(directory.endpointsFile, { force: true }),
    release,
  };
  directory.save(settings);
  // A host that was killed could not take it back.
  directory.removeEndpoints();
  return directory;
}

/** Long enough for any pool's policy, with a character of each kind that a policy may ask for. */
const firstSettings = (): HostSettings => ({
  ports: {},
  operatorPassword: `Op-${randomBytes(18).toString('base64url')}-1a`,
});

function readOwn<T>(file: string, schema: z.ZodType<T>): T {
  try {
    const result = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (result.success) return result.data;
    throw new Error(z.prettifyError(result.error));
  } catch (error) {
    throw damaged({ file, reason: messageOf(error) });
  }
}

/** Every way in which a data directory can't be read ends with the same two ways out. */
export function damaged({ file, reason }: { file: string; reason: string }): Refusal {
  return new Refusal(
    `${file} is damaged: ${reason}\nStart with --fresh to forget what the host kept, or put the file back.`,
  );
}
