/** The providers of the whole host, as the boot uses them. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hostClock } from '../../../infra/local/clock.ts';
import { closing } from '../../../infra/local/closing.ts';
import type { ResourceProvider } from '../../../infra/local/contract.ts';
import { openServices } from '../../../infra/local/services.ts';
import { PLACE } from './fixture.ts';

export async function everyProvider(): Promise<readonly ResourceProvider[]> {
  const dir = mkdtempSync(path.join(tmpdir(), 'custodia-providers-'));
  const undo = closing((message) => console.error(message));
  undo.add(() => rmSync(dir, { recursive: true, force: true }));
  const service = (name: string) => {
    mkdirSync(path.join(dir, name), { recursive: true });
    return path.join(dir, name);
  };
  const { providers } = await openServices({
    place: PLACE,
    clock: hostClock(),
    directory: { service },
    projectRoot: dir,
    ports: { api: 1, auth: 1, mqtt: 1, door: 0 },
    policyCacheSeconds: 480,
    closing: undo,
    sendMail: async () => {},
    log: () => () => {},
  });
  await undo.run();
  return providers;
}
