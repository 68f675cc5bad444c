/**
 * The kind of job that deletions are: first the devices of a deleted product, then all readings, product by product. Of a retention
 * that has changed: when readings expire, product by product.
 */
import * as z from 'zod';
import { removeSomeDevices } from '../device/remove-device.ts';
import { defineJob, type JobContext } from '../job/define-job.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Provision } from '../provisioning/provisioner-protocol.ts';
import type { ReadingRange } from '../readings/delete-range.ts';
import { dropCatalogs } from '../readings/drop-catalogs.ts';
import { EXPIRIES, SWEEPS, type Sweep } from '../readings/sweeps.ts';
import { DELETION_UNIT, type DeletionInput, deletionInput } from './deletion.ts';

/**
 * After a device, a product or a bucket is gone, ingest may believe in it for 15 seconds, in a batch that then takes at most 30.
 * What comes in until then is swept, too.
 */
const IN_FLIGHT_S = 45;
/** A compaction that is under way knows the retention of when it began, six minutes ago at most. */
const COMPACTION_S = 360;

const place = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('devices') }),
  z.strictObject({ at: z.literal('readings'), product: z.string(), sweep: z.int(), after: z.string() }),
]);
type ReadingsPlace = Extract<z.output<typeof place>, { at: 'readings' }>;

const rangeOf = (input: DeletionInput): ReadingRange => {
  if (input.of === 'product') return {};
  if (input.of === 'device') return { device: input.device };
  const { of: _, products: __, ...range } = input;
  return range;
};
const productsOf = (input: DeletionInput) => ('products' in input ? input.products.toSorted() : [input.product]);
const bucketsOf = (input: DeletionInput) => ('buckets' in input ? input.buckets.toSorted() : [input.bucket]);

export const deletionJob = (deps: { provision: Provision }) =>
  defineJob({
    unit: DELETION_UNIT,
    input: deletionInput,
    place,
    async run(ctx, begin) {
      const from = begin?.at === 'readings' ? begin : undefined;
      const of = await ctx.step('look', async ({ input }) => input.of);
      if (!from) await settle(ctx, of, deps.provision);
      const products = await ctx.step('list products', async ({ input }) => productsOf(input));
      for (const [done, product] of products.entries()) {
        ctx.progress(done, products.length);
        if (from && product < from.product) continue;
        const at = product === from?.product ? from : undefined;
        await sweepProduct(ctx, of === 'retention' ? EXPIRIES : SWEEPS, product, at);
      }
      await ctx.step('shred', ({ session, input }) => shred(session, input));
      ctx.progress(products.length, products.length);
    },
  });

/** What no sweep has found opens no more. A range has no key of its own; a product's devices had theirs destroyed one by one. */
async function shred(session: AccountSession, input: DeletionInput): Promise<undefined> {
  if (input.of === 'device') await session.keys.destroy({ product: input.product, device: input.device });
  if (input.of === 'bucket') await session.keys.destroy({ bucket: input.bucket });
  if (input.of === 'product' || input.of === 'bucket')
    await dropCatalogs(session, { products: productsOf(input), buckets: bucketsOf(input) });
}

/** Until nothing of what was deleted can come in any more. */
async function settle(ctx: JobContext<DeletionInput>, of: DeletionInput['of'], provision: Provision): Promise<void> {
  if (of === 'range') return;
  if (of === 'product') await removeDevices(ctx, provision);
  await ctx.wait('for what is in flight', of === 'retention' ? COMPACTION_S : IN_FLIGHT_S);
  // One that was being made when its product went.
  if (of === 'product') await removeDevices(ctx, provision);
}

async function removeDevices(ctx: JobContext<DeletionInput>, provision: Provision): Promise<void> {
  for (let left = true; left; ) {
    left = await ctx.step('remove devices', async ({ session, input, order }) =>
      input.of === 'product' ? removeSomeDevices(session, input.product, provision, order) : false,
    );
    if (left) await ctx.mark({ at: 'devices' });
  }
}

async function sweepProduct(
  ctx: JobContext<DeletionInput>,
  sweeps: readonly Sweep[],
  product: string,
  from: ReadingsPlace | undefined,
): Promise<void> {
  for (const [index, { name, sweep }] of sweeps.entries()) {
    if (from && index < from.sweep) continue;
    let after = index === from?.sweep ? from.after : undefined;
    do {
      const start = after;
      after = await ctx.step(name, ({ session, input, now }) =>
        sweep(session, product, { range: rangeOf(input), buckets: bucketsOf(input), after: start, now }),
      );
      if (after !== undefined) await ctx.mark({ at: 'readings', product, sweep: index, after });
    } while (after !== undefined);
  }
}
