/** An operation before it runs: which permissions it needs, and what it will do. */
import type { Clock, Demand, Place, Principal } from '../../contract.ts';
import type { Arrivals } from './arrivals.ts';
import { queueDoesNotExist } from './errors.ts';
import type { Messages } from './messages.ts';
import { queueArn, queueNameOfUrl } from './queue-names.ts';
import type { Queue, Store } from './store.ts';

export interface Sqs {
  readonly store: Store;
  readonly messages: Messages;
  readonly arrivals: Arrivals;
  readonly clock: Clock;
  readonly place: Place;
  /** Where queue URLs point: an SDK sends to the host of the URL, whatever endpoint it is given. */
  endpoint(): string;
}

type Output = object | Promise<object>;

export interface Planned {
  readonly demands: readonly Demand[];
  run(principal: Principal): Output;
}

export type Plan = (sqs: Sqs, input: unknown) => Planned;

/** A plan for the queue that `QueueUrl` names. Whether it exists is told only to who is allowed the action. */
export function queuePlan(
  sqs: Sqs,
  action: string,
  url: string,
  run: (queue: () => Queue, principal: Principal) => Output,
): Planned {
  const name = queueNameOfUrl(sqs.place, url);
  if (!name) throw queueDoesNotExist();
  const queue = () => {
    const found = sqs.store.queue(name);
    if (!found) throw queueDoesNotExist();
    return found;
  };
  return {
    demands: [{ action: `sqs:${action}`, resource: queueArn(sqs.place, name) }],
    run(principal) {
      queue();
      return run(queue, principal);
    },
  };
}
