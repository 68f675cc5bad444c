/**
 * Presence events: what AWS publishes below `$aws/events/presence/` when a client comes and goes. A connection counts as ended
 * only once its event has passed the rules, so that one cut short by `kill -9` is made up for at the next start.
 */
import type { Clock } from '../../../contract.ts';
import type { Sessions } from '../registry/sessions.ts';

/** Of AWS's reasons, those that can happen here. */
export type DisconnectReason =
  | 'API_INITIATED_DISCONNECT'
  | 'AUTH_ERROR'
  | 'CLIENT_ERROR'
  | 'CLIENT_INITIATED_DISCONNECT'
  | 'CONNECTION_LOST'
  | 'DUPLICATE_CLIENTID'
  | 'MQTT_KEEP_ALIVE_TIMEOUT'
  | 'SERVER_INITIATED_DISCONNECT';

export interface PresentSession {
  readonly client: string;
  readonly id: string;
  readonly certificate: string;
  readonly version: number;
  /** Only for an exclusive thing. */
  readonly thing: string | undefined;
}
export type Presence = ReturnType<typeof createPresence>;

export function createPresence({
  sessions,
  clock,
  publish,
}: {
  sessions: Sessions;
  clock: Clock;
  /** Answers whether all rules took the event. */
  publish: (topic: string, payload: Buffer) => Promise<boolean>;
}) {
  /** One client's events keep their order. */
  const tails = new Map<string, Promise<void>>();

  function inOrder(client: string, work: () => Promise<void>): Promise<void> {
    const tail = (tails.get(client) ?? Promise.resolve()).then(work).finally(() => {
      if (tails.get(client) === tail) tails.delete(client);
    });
    tails.set(client, tail);
    return tail;
  }

  const event = (type: 'connected' | 'disconnected', session: PresentSession, more: object) =>
    publish(
      `$aws/events/presence/${type}/${session.client}`,
      Buffer.from(
        JSON.stringify({
          clientId: session.client,
          ...(session.thing !== undefined && { thingName: session.thing }),
          timestamp: clock.now(),
          eventType: type,
          ...more,
          sessionIdentifier: session.id,
          principalIdentifier: session.certificate,
          versionNumber: session.version,
        }),
      ),
    );

  function disconnected(session: PresentSession, reason: DisconnectReason): Promise<void> {
    return inOrder(session.client, async () => {
      const passed = await event('disconnected', session, {
        clientInitiatedDisconnect: reason === 'CLIENT_INITIATED_DISCONNECT',
        disconnectReason: reason,
      });
      if (passed) sessions.end(session.client, session.id, reason);
    });
  }

  return {
    connected: (session: PresentSession, ipAddress: string): Promise<void> =>
      inOrder(session.client, async () => {
        await event('connected', session, { ipAddress });
      }),
    disconnected,
    /** Reports what an earlier run of the host left open. Call before anything can connect. */
    async makeUp(): Promise<void> {
      for (const { client, id, certificate, version, thing } of sessions.open())
        await disconnected({ client, id, certificate, version, thing: thing ?? undefined }, 'CONNECTION_LOST');
    },
    settled: async (): Promise<void> => {
      await Promise.all(tails.values());
    },
  };
}
