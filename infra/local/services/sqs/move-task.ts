/** StartMessageMoveTask: dead letters go back to where they came from, or elsewhere, as new messages. */
import { randomUUID } from 'node:crypto';
import { AwsError, type Clock, type Place } from '../../contract.ts';
import type { Arrivals } from './arrivals.ts';
import { invalidValue } from './errors.ts';
import { redrivePolicyOf } from './queue-attributes.ts';
import { queueArn, queueNameOfArn } from './queue-names.ts';
import type { Message, Store } from './store.ts';

interface Task {
  readonly handle: string;
  readonly source: string;
  readonly destination: string | null;
  readonly started_at: number;
  readonly moved: number;
  readonly found: number;
}

function requireQueue(store: Store, place: Place, arn: string): string {
  const name = queueNameOfArn(place, arn);
  if (!name || !store.queue(name)) {
    throw new AwsError('ResourceNotFoundException', "The resource that you specified doesn't exist.", 404);
  }
  return name;
}

/** Moves all visible messages at once: the laptop has no need of a task that runs on. Answers the task's handle. */
export function startMove(
  store: Store,
  { clock, arrivals, place }: { clock: Clock; arrivals: Arrivals; place: Place },
  SourceArn: string,
  DestinationArn?: string,
): string {
  const source = requireQueue(store, place, SourceArn);
  const destination = DestinationArn && requireQueue(store, place, DestinationArn);
  const isDeadLetterQueue = store
    .queues()
    .some(({ attributes }) => redrivePolicyOf(attributes)?.deadLetterTargetArn === SourceArn);
  if (!isDeadLetterQueue) throw invalidValue('Source queue must be configured as a Dead Letter Queue.');

  const now = clock.now();
  const handle = randomUUID();
  const targets = store.transaction(() => {
    const sql = 'SELECT * FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY seq';
    const found = store.rows<Message>(sql, source, now);
    const moving = found.flatMap((message) => {
      const target = destination ?? message.dead_from;
      return target && store.queue(target) ? [{ seq: message.seq, target }] : [];
    });
    for (const { seq, target } of moving) {
      store.run(
        `UPDATE messages SET queue = ?, id = ?, sent_at = ?, visible_at = ?, receives = 0, first_received_at = NULL,
           receipt = NULL, dead_from = NULL WHERE seq = ?`,
        target,
        randomUUID(),
        now,
        now,
        seq,
      );
    }
    store.run(
      'INSERT INTO move_tasks VALUES (?, ?, ?, ?, ?, ?)',
      handle,
      source,
      destination ?? null,
      now,
      moving.length,
      found.length,
    );
    return new Set(moving.map(({ target }) => target));
  });
  for (const target of targets) arrivals.announce(target);
  return handle;
}

export function listMoves(store: Store, place: Place, SourceArn: string, max: number) {
  const source = requireQueue(store, place, SourceArn);
  const sql = 'SELECT * FROM move_tasks WHERE source = ? ORDER BY started_at DESC LIMIT ?';
  return store.rows<Task>(sql, source, max).map((task) => ({
    Status: task.moved < task.found ? 'FAILED' : 'COMPLETED',
    SourceArn,
    DestinationArn: task.destination ? queueArn(place, task.destination) : undefined,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.found,
    // What was sent to the dead-letter queue directly has no queue to go back to.
    FailureReason: task.moved < task.found ? 'CouldNotDetermineMessageSource' : undefined,
    StartedTimestamp: task.started_at,
  }));
}
