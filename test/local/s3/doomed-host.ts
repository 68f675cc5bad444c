/** S3 in a process of its own: tells its door and a session, then for each line it reads the most memory that it ever held. */
import { createInterface } from 'node:readline';
import { everything, openS3Door } from './s3-door.ts';

const [dir] = process.argv.slice(2);
if (!dir) throw new Error('no folder given');
const door = await openS3Door(dir);
const { ref: bucket } = await door.create('Bucket', {});
const { accessKeyId, secretAccessKey, sessionToken } = door.session('Owner', everything);
const credentials = { accessKeyId, secretAccessKey, sessionToken };
console.log(JSON.stringify({ endpoint: door.door.url, bucket, credentials }));
for await (const _ of createInterface(process.stdin)) console.log(process.resourceUsage().maxRSS * 1024);
process.exit();
