/** A product, a bucket and devices: what the last run made and the account still has, the rest new. */
import * as z from 'zod';
import { type Client, getCommand, postCommand } from './client.ts';
import { deviceFiles, hasFiles, keepFiles, type Memory, remember } from './memory.ts';
import type { RunningHost } from './running-host.ts';
import { command, done, step } from './terminal.ts';

const thing = z.object({ id: z.string(), name: z.string() });
const certificate = z.object({ id: z.string(), certificatePem: z.string(), privateKeyPem: z.string() });
const credentials = z.object({ items: z.array(z.object({ id: z.string() })) });

const ROOMS = ['kitchen', 'cellar', 'greenhouse', 'attic', 'server room'];
const roomOf = (index: number): string => ROOMS[index] ?? `room ${index + 1}`;

export interface DemoDevice {
  readonly id: string;
  readonly name: string;
}

export interface Things {
  readonly product: string;
  readonly bucket: string;
  readonly devices: readonly DemoDevice[];
}

interface Made {
  readonly id: string;
  readonly isNew: boolean;
  /** What was sent, as a shell says it. */
  readonly command: string;
}

/** The thing with the known id, or a new one. */
async function ensure(
  { host, client }: { host: RunningHost; client: Client },
  list: string,
  known: string | undefined,
  body: { readonly name: string; readonly [more: string]: unknown },
): Promise<Made> {
  const found = known === undefined ? undefined : await client.get(`${list}/${known}`, thing);
  if (found) return { id: found.id, isNew: false, command: getCommand(`${host.api}${list}/${found.id}`) };
  const { id } = await client.post(list, body, thing);
  return { id, isNew: true, command: postCommand(host.api + list, body) };
}

export async function makeThings(host: RunningHost, client: Client, from: Memory, count: number): Promise<Things> {
  let memory = from;
  const keep = (more: Partial<Memory>) => {
    memory = { ...memory, ...more };
    remember(host.data, memory);
  };
  const show = (name: string, made: Made) => {
    command(made.command);
    done(`“${name}” (${made.id})${made.isNew ? '' : ', as last time'}`);
  };

  step('A product');
  const product = await ensure({ host, client }, '/v1/products', memory.product, { name: 'Room sensor' });
  if (product.isNew) keep({ product: product.id, bucket: undefined, devices: [] });
  show('Room sensor', product);

  step('A bucket that collects its telemetry');
  const source = { product: product.id, stream: 'telemetry' };
  const bucket = await ensure({ host, client }, '/v1/buckets', memory.bucket, { name: 'Room climate', source });
  keep({ bucket: bucket.id });
  show('Room climate', bucket);

  step('Devices, each with its own certificate');
  const devices: DemoDevice[] = [];
  for (let index = 0; index < count; index++) {
    const name = roomOf(index);
    const known = memory.devices[index];
    const made = await ensure({ host, client }, '/v1/devices', known?.id, { name, product: product.id });
    const credential = await ensureCertificate(host, client, made.id, made.isNew ? undefined : known?.credential);
    const before = memory.devices.slice(0, index);
    keep({ devices: [...before, { id: made.id, credential }, ...memory.devices.slice(index + 1)] });
    // The others go the same way.
    if (index === 0) {
      command(made.command);
      const credentials = `${host.api}/v1/devices/${made.id}/credentials`;
      command(made.isNew ? postCommand(credentials, { kind: 'certificate' }) : getCommand(credentials));
    }
    done(`“${name}” (${made.id})${made.isNew ? '' : ', as last time'}`);
    devices.push({ id: made.id, name });
  }
  return { product: product.id, bucket: bucket.id, devices };
}

/** The id of the certificate whose files lie here, if the device still has it; else of a new one. */
async function ensureCertificate(
  host: RunningHost,
  client: Client,
  device: string,
  known: string | undefined,
): Promise<string> {
  const path = `/v1/devices/${device}/credentials`;
  const files = deviceFiles(host.data, device);
  if (known !== undefined && hasFiles(files)) {
    const valid = await client.get(`${path}?limit=200`, credentials);
    if (valid?.items.some(({ id }) => id === known)) return known;
  }
  const made = await client.post(path, { kind: 'certificate' }, certificate);
  keepFiles(files, { cert: made.certificatePem, key: made.privateKeyPem });
  return made.id;
}
