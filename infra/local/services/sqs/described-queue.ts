/** GetQueueAttributes: a queue's settings and the approximate (here exact) counts of its messages. */
import type { Clock, Place } from '../../contract.ts';
import { withDefaults } from './queue-attributes.ts';
import { queueArn } from './queue-names.ts';
import type { Queue, Store } from './store.ts';

interface Counts {
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export function describedQueue(store: Store, place: Place, clock: Clock, queue: Queue, names: readonly string[]) {
  const attributes = withDefaults(queue.attributes);
  const now = clock.now();
  const [counts] = store.rows<Counts>(
    `SELECT count(*) FILTER (WHERE visible_at <= ?1) AS waiting,
            count(*) FILTER (WHERE visible_at > ?1 AND receipt IS NOT NULL) AS inFlight,
            count(*) FILTER (WHERE visible_at > ?1 AND receipt IS NULL) AS delayed
     FROM messages WHERE queue = ?2 AND sent_at >= ?3`,
    now,
    queue.name,
    now - Number(attributes.MessageRetentionPeriod) * 1000,
  );
  const all: Readonly<Record<string, string>> = {
    ...attributes,
    QueueArn: queueArn(place, queue.name),
    CreatedTimestamp: String(Math.floor(queue.created_at / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modified_at / 1000)),
    ApproximateNumberOfMessages: String(counts?.waiting),
    ApproximateNumberOfMessagesNotVisible: String(counts?.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts?.delayed),
  };
  if (names.includes('All')) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}
