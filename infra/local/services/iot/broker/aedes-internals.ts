/** What we need of aedes that its types don't show. Its version is pinned; the tests go through each of these. */
import type { Aedes, Client, Subscription } from 'aedes';

interface ClientInternals {
  /** True once a DISCONNECT packet came. */
  readonly _disconnected: boolean;
  /** The last will, published at close unless `null`. */
  will: unknown;
}
interface BrokerInternals {
  readonly persistence: {
    addSubscriptions(client: Client, subscriptions: Subscription[]): Promise<void>;
    cleanSubscriptions(client: Client): Promise<unknown>;
  };
}

const internals = (client: Client) => client as unknown as ClientInternals;
const persistence = (broker: Aedes) => (broker as unknown as BrokerInternals).persistence;

export const saidGoodbye = (client: Client) => internals(client)._disconnected;

export function dropWill(client: Client): void {
  internals(client).will = null;
}

/** Ends a persistent session: its subscriptions and what waits for it. */
export async function forgetSession(broker: Aedes, client: Client): Promise<void> {
  await persistence(broker).cleanSubscriptions(client);
  await new Promise<void>((resolve) => client.emptyOutgoingQueue(() => resolve()));
}

/** aedes stores all filters of a SUBSCRIBE packet for a persistent session, the refused ones among them: not here. */
export function storeOnly(broker: Aedes, isAllowed: (client: Client, filter: string) => boolean): void {
  const store = persistence(broker);
  const add = store.addSubscriptions.bind(store);
  store.addSubscriptions = (client, subscriptions) =>
    add(
      client,
      subscriptions.filter(({ topic }) => isAllowed(client, topic)),
    );
}
