/** `npm start`. */
import { fileURLToPath } from 'node:url';
import { runHost } from './run.ts';

await runHost(process.argv.slice(2), fileURLToPath(new URL('../../', import.meta.url)));
