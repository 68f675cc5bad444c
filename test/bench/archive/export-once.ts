/** Exports a million readings in this process, and prints the most memory that it has had, in MB: run in a process of its own. */
import { writeReadings } from './export-files.ts';
import { millionReadings } from './million.ts';

const million = await millionReadings();
const before = process.memoryUsage().rss;
let most = before;
const watch = setInterval(() => {
  most = Math.max(most, process.memoryUsage().rss);
}, 20);
await writeReadings(million);
clearInterval(watch);
const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
console.log(JSON.stringify({ before: megabytes(before), most: megabytes(most) }));
