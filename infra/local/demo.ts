/**
 * `npm run demo`: what a customer's first hour looks like, in a few seconds, against a running host. It opens an account, makes a
 * product, devices and a bucket, streams telemetry over mutual TLS and reads it back. It is a client like any other: of the host
 * it knows `endpoints.json` alone. What it made it keeps in `demo.json` beside it, and uses again.
 */
import { parseDemoOptions, USAGE } from './demo/options.ts';
import { runDemo } from './demo/run-demo.ts';
import { Refusal } from './refusal.ts';

try {
  const options = parseDemoOptions(process.argv.slice(2));
  if (options === 'help') console.log(USAGE);
  else await runDemo(options);
} catch (error) {
  if (error instanceof Refusal) console.error(error.message);
  else console.error('The demo failed:', error);
  process.exitCode = error instanceof Refusal ? error.exitCode : 1;
}
