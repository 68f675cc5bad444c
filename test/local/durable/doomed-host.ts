/** Runs one durable execution until it is killed. */
import { createDurableBench } from './support.ts';

const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error('wants a directory');
const bench = await createDurableBench(dir);
const aDay = { DurableConfig: { ExecutionTimeout: 86_400 } };
const version = await bench.durable('slowSteps', aDay);
bench.lambda.start();
const waiting = await bench.durable('waiting', aDay);
const { file } = bench.notebook('notes');
await bench.begin(waiting, { file: bench.notebook('waiting').file }, 'waits');
await bench.invoked('waiting', 1);
await bench.begin(version, { file, n: 12 }, 'doomed');
