/** What came in, read back through the API: the newest readings, a summary of each device, and a chart. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { Refusal } from '../refusal.ts';
import { bar, sparkline, table } from './chart.ts';
import { type Client, getCommand } from './client.ts';
import type { Things } from './make-things.ts';
import type { RunningHost } from './running-host.ts';
import { accent, command, done, lines, step } from './terminal.ts';

const page = z.object({
  items: z.array(z.object({ ts: z.string(), device: z.string(), value: z.object({ temperature: z.number() }) })),
  next: z.string().optional(),
});
type Reading = z.output<typeof page>['items'][number];

/** From the broker's acknowledgement until a reading can be read, on a busy computer. */
const PATIENCE_MS = 20_000;

async function readAll(client: Client, path: string): Promise<Reading[]> {
  const readings: Reading[] = [];
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { items, next } = (await client.get(path + more, page)) ?? { items: [] };
    readings.push(...items);
    cursor = next;
  } while (cursor !== undefined);
  return readings;
}

/** What was acknowledged is readable within seconds: waits for all of it. */
async function arrived(client: Client, path: string, sent: number): Promise<Reading[]> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const readings = await readAll(client, path);
    if (readings.length >= sent) return readings;
    if (Date.now() > until)
      throw new Refusal(`Only ${readings.length} of ${sent} readings came in within ${PATIENCE_MS / 1000} s.`);
    await sleep(250);
  }
}

const degrees = (value: number) => value.toFixed(1);
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Charts in colour; the text around them as it is. */
const shown = (title: string, text: string) => lines(`\n${title}\n\n${text.replace(/[▁-█]+/g, accent)}`);

export async function showReadings(
  host: RunningHost,
  client: Client,
  { bucket, devices }: Things,
  { from, sent }: { from: string; sent: number },
): Promise<void> {
  const readings = `/v1/buckets/${bucket}/readings?from=${from}&fields=temperature`;
  step('The readings, through the API');
  command(getCommand(`${host.api}${readings}&limit=1000`));
  const all = await arrived(client, `${readings}&limit=1000`, sent);
  done(`${all.length} readings came back`);

  const names = new Map(devices.map(({ id, name }) => [id, name]));
  const newest = all.slice(-5).reverse();
  const rows = newest.map(({ ts, device, value }) => [ts, names.get(device) ?? device, degrees(value.temperature)]);
  shown('The newest:', table(['time', 'device', '°C'], rows));

  const series = devices.map(({ id, name }) => ({
    name,
    values: all.filter(({ device }) => device === id).map(({ value }) => value.temperature),
  }));
  shown('Each device:', table(['device', 'readings', 'min', 'mean', 'max', 'over time'], series.map(summary)));

  const most = Math.max(...series.map(({ values }) => meanOf(values)));
  const bars = series.map(({ name, values }) => [name, degrees(meanOf(values)), bar(meanOf(values), most)]);
  shown('Mean temperature:', table(['device', '°C', ''], bars));

  step('The same as a spreadsheet');
  const csv = `${readings}&limit=3`;
  command(`${getCommand(host.api + csv)} -H 'Accept: text/csv'`);
  lines((await client.text(csv, 'text/csv')).trimEnd().replaceAll('\r\n', '\n'));
}

function summary({ name, values }: { name: string; values: readonly number[] }): string[] {
  const [min, mean, max] = [Math.min(...values), meanOf(values), Math.max(...values)].map(degrees);
  return [name, String(values.length), min ?? '', mean ?? '', max ?? '', sparkline(values)];
}
