/** A million readings imported into the laptop host, exported from there, and imported again. */
import { made, openAccount } from '../../support/api.ts';
import { over } from '../../support/archives.ts';
import { startHost } from '../../support/host.ts';
import { started, uploaded } from '../../support/imports.ts';
import { rounded } from '../report/bench.ts';
import { bagOf } from './bag-of.ts';
import type { Million } from './million.ts';

const MOST_MS = 600_000;

export async function exportOnHost(million: Million) {
  const bag = await bagOf(million);
  const host = await startHost();
  try {
    const account = await openAccount(host.endpoints);
    const upload = await uploaded(account, bag);
    const begun = performance.now();
    const import1 = await started(account, upload, {}, MOST_MS);
    const imported = performance.now();
    if (import1.status !== 'succeeded') throw new Error(JSON.stringify(import1));
    const { id } = made(await account.post('/v1/exports', { scope: { account: true }, format: 'archive' }), 202);
    const job = await over(account, `/v1/exports/${id}`, MOST_MS);
    const exported = performance.now();
    if (job.status !== 'succeeded') throw new Error(JSON.stringify(job));
    return {
      readings: import1.report.created.readings,
      'import, s': rounded((imported - begun) / 1000, 1),
      'export, s': rounded((exported - imported) / 1000, 1),
      'archive, MB': rounded(job.file.bytes / 1024 / 1024, 1),
    };
  } finally {
    await host.dispose();
  }
}
