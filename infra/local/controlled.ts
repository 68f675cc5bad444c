/** What the control socket's commands do to the services. */
import type { HostClock } from './clock.ts';
import type { Deployment } from './cloudformation/provision.ts';
import type { Controlled } from './control.ts';
import type { Services } from './services.ts';

/** Names of functions by the source that they run, as a test knows them: `queue/ingest` for `functions/queue/ingest.ts`. */
export function functionNames(resources: Deployment['resources']): ReadonlyMap<string, string> {
  const functions = resources.filter(({ type }) => type === 'AWS::Lambda::Function');
  return new Map(
    functions.map(({ ref, metadata }) => [
      String(metadata['custodia:entry']).replace(/^functions\/(.*)\.ts$/, '$1'),
      ref,
    ]),
  );
}

export const controlled = (
  { frontDoor, lambda, scheduler, dynamodb, s3 }: Services,
  clock: HostClock,
  names: ReadonlyMap<string, string>,
): Controlled => ({
  clock,
  clockMoved() {
    lambda.clockMoved();
    scheduler.clockMoved();
  },
  fail({ service, action, code, status, times, when }) {
    frontDoor.faults.fail({
      service,
      action,
      error: { code, ...(status === undefined ? {} : { status }) },
      ...(times === undefined ? {} : { times }),
      ...(when === undefined ? {} : { when }),
    });
  },
  heal: () => frontDoor.faults.clear(),
  killWorkers: (name) => lambda.killWorker(names.get(name) ?? name),
  runSchedule: (name) => scheduler.runNow(names.get(name) ?? name),
  reap: async () => (await dynamodb.reap()) + s3.reap(),
});
