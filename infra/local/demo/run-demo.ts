/** The demo's steps, in order. */
import { makeThings } from './make-things.ts';
import { openAccount } from './open-account.ts';
import type { DemoOptions } from './options.ts';
import { findHost } from './running-host.ts';
import { showReadings } from './show-readings.ts';
import { streamTelemetry } from './stream-telemetry.ts';
import { lines } from './terminal.ts';

export async function runDemo({ data, seconds, devices }: DemoOptions): Promise<void> {
  const host = await findHost(data);
  lines(`Custodia at ${host.api}. Each step shows the command that does the same.`);
  const { client, memory } = await openAccount(host);
  const things = await makeThings(host, client, memory, devices);
  const from = new Date().toISOString();
  const sent = await streamTelemetry(host, { account: memory.account, ...things }, seconds);
  await showReadings(host, client, things, { from, sent });
  lines(`\nRead and try the API: ${host.docs}`);
}
