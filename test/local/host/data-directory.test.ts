import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { openDataDirectory } from '../../../infra/local/data-directory.ts';
import { temporaryFolder } from './fixture.ts';

function open(dir: string, fresh = false) {
  const directory = openDataDirectory(dir, { fresh });
  onTestFinished(() => directory.release());
  return directory;
}

const keyPem = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });

/** Opens and closes it once, with something kept in it. */
function usedDirectory() {
  const dir = temporaryFolder();
  const first = openDataDirectory(dir, { fresh: false });
  first.save({ ...first.settings, ports: { api: 1234 } });
  writeFileSync(path.join(first.service('kms'), 'keys.json'), '{"keys":[]}');
  const database = new DatabaseSync(path.join(first.service('sqs'), 'queues.sqlite'));
  writeFileSync(path.join(first.service('iot'), 'ca-key.pem'), keyPem());
  database.exec('BEGIN; CREATE TABLE messages (body TEXT)');
  for (let i = 0; i < 500; i += 1) database.prepare('INSERT INTO messages VALUES (?)').run('x'.repeat(100));
  database.exec('COMMIT');
  database.close();
  first.release();
  return { dir, password: first.settings.operatorPassword };
}

/** Another process that opens the directory and stays. */
async function otherHost(dir: string) {
  const module = path.resolve('infra/local/data-directory.ts');
  const code = `import { openDataDirectory } from ${JSON.stringify(module)};
    openDataDirectory(${JSON.stringify(dir)}, { fresh: false });
    console.log('open'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

test('ports and the operator’s password outlast a restart; files are the owner’s alone', () => {
  const { dir, password } = usedDirectory();
  const { settings } = open(dir);
  expect(settings).toEqual({ ports: { api: 1234 }, operatorPassword: password });
  expect(password).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^A-Za-z0-9]).{20,}$/);
  expect(statSync(path.join(dir, 'settings.json')).mode & 0o777).toBe(0o600);
  expect(statSync(path.join(dir, 'services')).mode & 0o777).toBe(0o700);
});

test('a second host is refused with the pid of the first, and a killed one leaves no lock', async () => {
  const dir = temporaryFolder();
  const other = await otherHost(dir);
  expect(() => open(dir)).toThrow(`Another host (process ${other.pid}) is running on ${dir}`);
  expect(() => open(dir, true)).toThrow('Another host');
  expect(existsSync(path.join(dir, 'services'))).toBe(true);
  const ended = new Promise((resolve) => other.once('exit', resolve));
  other.kill('SIGKILL');
  await ended;
  expect(open(dir).settings.ports).toEqual({});
});

test('a released directory can be opened again by the same process, an open one can’t', () => {
  const dir = temporaryFolder();
  const first = open(dir);
  expect(() => open(dir)).toThrow(`Another host (process ${process.pid})`);
  first.release();
  open(dir);
});

test.each<[string, (dir: string) => string]>([
  ['its marker', (dir) => damage(dir, 'custodia-laptop.json')],
  ['its settings', (dir) => damage(dir, 'settings.json')],
  ['settings of another shape', (dir) => damage(dir, 'settings.json', '{"ports":{"api":"x"},"operatorPassword":"p"}')],
  ['its lock', (dir) => damage(dir, 'host.lock', 'x'.repeat(5000))],
  ['the JSON file of a service', (dir) => damage(dir, 'services/kms/keys.json')],
  [
    'the database of a service, from its first byte',
    (dir) => damage(dir, 'services/sqs/queues.sqlite', 'x'.repeat(5000)),
  ],
  [
    'the key of a service',
    (dir) => damage(dir, 'services/iot/ca-key.pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'),
  ],
  ['the database of a service, cut off', (dir) => cut(dir, 'services/sqs/queues.sqlite')],
])('damage to %s is refused by file, naming --fresh, and --fresh is the way out', (_, spoil) => {
  const { dir, password } = usedDirectory();
  const file = spoil(dir);
  expect(() => open(dir)).toThrow(`${file} is damaged`);
  expect(() => open(dir)).toThrow('--fresh');
  const directory = open(dir, true);
  expect(directory.settings.ports).toEqual({});
  expect(directory.settings.operatorPassword).not.toBe(password);
  expect(existsSync(path.join(dir, 'services/kms'))).toBe(false);
});

function damage(dir: string, name: string, content = '{"lay'): string {
  writeFileSync(path.join(dir, name), content);
  return path.join(dir, name);
}

function cut(dir: string, name: string): string {
  truncateSync(path.join(dir, name), 9000);
  return path.join(dir, name);
}

test('a layout of another version is refused', () => {
  const { dir } = usedDirectory();
  damage(dir, 'custodia-laptop.json', '{"layout":2}');
  expect(() => open(dir)).toThrow(/custodia-laptop\.json is damaged/);
});

test('somebody’s own directory is neither used nor emptied', () => {
  const dir = temporaryFolder();
  mkdirSync(path.join(dir, 'services'));
  writeFileSync(path.join(dir, 'services', 'thesis.txt'), 'three years');
  for (const fresh of [false, true])
    expect(() => open(dir, fresh)).toThrow(`${dir} is not empty, and the laptop host did not make it`);
  expect(readFileSync(path.join(dir, 'services', 'thesis.txt'), 'utf8')).toBe('three years');
});

test('--fresh deletes what the host made, and nothing else in the directory', () => {
  const { dir } = usedDirectory();
  writeFileSync(path.join(dir, 'notes.txt'), 'mine');
  mkdirSync(path.join(dir, 'cdk.out'));
  writeFileSync(path.join(dir, 'outbox', 'mail.json'), '{}');
  open(dir, true);
  expect(readFileSync(path.join(dir, 'notes.txt'), 'utf8')).toBe('mine');
  expect(existsSync(path.join(dir, 'cdk.out'))).toBe(true);
  expect(existsSync(path.join(dir, 'outbox', 'mail.json'))).toBe(false);
});

test('the CDK’s output folder may be there first', () => {
  const dir = temporaryFolder();
  mkdirSync(path.join(dir, 'cdk.out'));
  open(dir);
});

test('endpoints.json of a killed host is taken away', () => {
  const { dir } = usedDirectory();
  writeFileSync(path.join(dir, 'endpoints.json'), '{"pid":1}');
  expect(existsSync(open(dir).endpointsFile)).toBe(false);
});

test('a directory that can’t be made is named', () => {
  const file = path.join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(() => open(path.join(file, 'below'))).toThrow(`${path.join(file, 'below')} can't be used`);
});
