/** Kind `json`: `{device, stream?, ts?, value}`, or a list of them. Each stands for itself: the good ones are kept. */
import { streamField } from '../bucket/bucket.ts';
import { readTime } from '../ingest/read-time.ts';
import { newReading } from '../readings/new-reading.ts';
import { networkId, type Problem, placeOf, rejected, type Understand, type Uplink } from './uplink.ts';

export const DEFAULT_STREAM = 'telemetry';
/** What one request names can be looked up within its time. */
export const MOST_ELEMENTS = 1000;
const element = newReading.extend({ device: networkId, stream: streamField.default(DEFAULT_STREAM) });

export const understandJson: Understand = (body, { now }) => {
  const elements = Array.isArray(body) ? body : [body];
  if (elements.length > MOST_ELEMENTS) return rejected('bad-payload', `more than ${MOST_ELEMENTS} elements`);
  const uplinks: Uplink[] = [];
  const problems: Problem[] = [];
  for (const [i, one] of elements.entries()) {
    const place = Array.isArray(body) ? `/${i}` : '';
    const read = element.safeParse(one);
    if (!read.success) {
      problems.push({ reason: 'bad-payload', what: placeOf(read.error, place) });
      continue;
    }
    const { device, stream, ts: given, value } = read.data;
    const ts = given === undefined ? now : readTime(given, now);
    if (ts === undefined) problems.push({ reason: 'bad-timestamp', what: `${place}/ts` });
    else uplinks.push({ devices: [device], name: device, stream, ts, value });
  }
  return { uplinks, problems, ignored: 0 };
};
