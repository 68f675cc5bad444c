/** What the demo made and uses again: `demo.json` in the host's data directory, with the secret of its API client; mode 0600. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { PRIVATE_DIRECTORY, PRIVATE_FILE, writeJson } from '../files.ts';

const schema = z.object({
  account: z.string(),
  client: z.object({ clientId: z.string(), clientSecret: z.string() }),
  product: z.string().optional(),
  bucket: z.string().optional(),
  devices: z.array(z.object({ id: z.string(), credential: z.string().optional() })),
});
export type Memory = z.output<typeof schema>;

export const memoryFile = (data: string): string => path.join(data, 'demo.json');

/** `undefined` where nothing is remembered, or nothing readable: then the demo begins anew. */
export function recall(data: string): Memory | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(memoryFile(data), 'utf8')));
  } catch {
    return undefined;
  }
}

export const remember = (data: string, memory: Memory): void => writeJson(memoryFile(data), memory);

/** The files of a device, as it would hold them itself. */
export interface DeviceFiles {
  readonly cert: string;
  readonly key: string;
}

const folder = (data: string) => path.join(data, 'demo');

export const deviceFiles = (data: string, device: string): DeviceFiles => ({
  cert: path.join(folder(data), `${device}.cert.pem`),
  key: path.join(folder(data), `${device}.key.pem`),
});

export const hasFiles = ({ cert, key }: DeviceFiles): boolean => existsSync(cert) && existsSync(key);

export function keepFiles(files: DeviceFiles, pem: { cert: string; key: string }): void {
  mkdirSync(path.dirname(files.cert), { recursive: true, mode: PRIVATE_DIRECTORY });
  for (const name of ['cert', 'key'] as const) {
    rmSync(files[name], { force: true });
    writeFileSync(files[name], pem[name], { mode: PRIVATE_FILE });
  }
}

/** Forgets the devices' files: they are of another host. */
export const forgetFiles = (data: string): void => rmSync(folder(data), { recursive: true, force: true });
