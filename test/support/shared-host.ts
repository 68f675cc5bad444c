/**
 * A host for a test file that needs none of its own, which saves its start and the cold starts of all functions:
 *
 *     const host = sharedHost();
 *     beforeAll(async () => {
 *       acme = await openAccount(host.endpoints);
 *     });
 *
 * Call it once, at the top of the file; the host is there from `beforeAll` on. The file has it to itself until its end, and may move
 * the clock and make services fail: both is undone for the next one. What earlier files made is still there, so a file opens its own
 * accounts and counts nothing of the whole instance. A file that kills or restarts the host, runs it on other code or looks into its
 * data directory starts its own: `startHost` in host.ts.
 */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll } from 'vitest';
import * as z from 'zod';
import { hostOn, type RunningHost } from './host.ts';
import { deskOf, runFolder } from './run-folder.ts';

const answerSchema = z.strictObject({ data: z.string().optional(), problem: z.string().optional() });

export function sharedHost(): RunningHost {
  let borrowed: Awaited<ReturnType<typeof borrow>> | undefined;
  beforeAll(async () => {
    borrowed = await borrow();
  });
  afterAll(() => borrowed?.giveBack());
  const host = (): RunningHost => {
    if (!borrowed) throw new Error('The shared host is there from beforeAll on.');
    return borrowed.host;
  };
  return {
    get endpoints() {
      return host().endpoints;
    },
    get data() {
      return host().data;
    },
    control: (...args) => host().control(...args),
    advance: (seconds) => host().advance(seconds),
  };
}

async function borrow() {
  const folder = runFolder();
  if (folder === undefined) throw new Error('Hosts are shared within a test run only.');
  const socket = connect(deskOf(folder));
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value } = await lines.next();
    const { data = '', problem } = answerSchema.parse(
      JSON.parse(value ?? '{"problem":"The desk of shared hosts closed."}'),
    );
    if (problem !== undefined) throw new Error(problem);
    return data;
  };
  const host = hostOn(await answer());
  return {
    host,
    async giveBack() {
      socket.write('return\n');
      try {
        await answer();
      } finally {
        socket.end();
      }
    },
  };
}
