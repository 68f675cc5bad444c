/** Topic names and filters: AWS's limits, reserved names, and how a filter matches. */

const MOST_BYTES = 256;
const MOST_SLASHES = 7;
const BASIC_INGEST = /^\$aws\/rules\/([^/]+)\/(.+)$/s;

export interface BasicIngest {
  readonly rule: string;
  /** What `topic()` sees. */
  readonly topic: string;
}

/** A topic that leads to one rule alone, past the broker. */
export function basicIngest(topic: string): BasicIngest | undefined {
  const [, rule, rest] = BASIC_INGEST.exec(topic) ?? [];
  return rule !== undefined && rest !== undefined ? { rule, topic: rest } : undefined;
}

/** The mandatory part of a Basic Ingest topic doesn't count. */
function isWithinLimits(topic: string): boolean {
  return topic.length > 0 && Buffer.byteLength(topic) <= MOST_BYTES && topic.split('/').length - 1 <= MOST_SLASHES;
}

/** Of `$` topics, only Basic Ingest takes messages here; shadows, jobs and AWS's own events don't. */
export function mayBePublished(topic: string): boolean {
  if (/[+#\0]/.test(topic)) return false;
  const ingest = basicIngest(topic);
  if (ingest) return isWithinLimits(ingest.topic);
  return !topic.startsWith('$') && isWithinLimits(topic);
}

/** Basic Ingest can't be subscribed to; `$SYS` and `$share` are the broker library's, not AWS's. */
export function maySubscribe(filter: string): boolean {
  return (!filter.startsWith('$') || filter.startsWith('$aws/events/')) && isWithinLimits(filter);
}

/** MQTT's matching: a wildcard in front never matches a `$` topic. */
export function topicMatches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, part] of wanted.entries()) {
    if (part === '#') return true;
    if (index >= levels.length || (part !== '+' && part !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
