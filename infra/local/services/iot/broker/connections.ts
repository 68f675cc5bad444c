/**
 * The open connections by client id. aedes keeps a list of its own, from which a client that was just replaced can take its
 * successor: cutting someone off must not depend on it.
 */
import { randomUUID } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Client } from 'aedes';
import type { Registry } from '../registry/registry.ts';
import type { Access, Identity } from './access.ts';
import { saidGoodbye } from './aedes-internals.ts';
import type { DisconnectReason, Presence, PresentSession } from './presence.ts';

/** Who stands behind a TLS connection, before and after CONNECT. */
export interface Peer {
  readonly certificate: string;
  readonly ip: string;
  readonly socket: TLSSocket;
}
export interface Connection extends PresentSession, Identity {
  readonly aedes: Client;
  readonly socket: TLSSocket;
  reason?: DisconnectReason;
}
export type Connections = ReturnType<typeof createConnections>;

export function createConnections({
  registry,
  access,
  presence,
}: {
  registry: Registry;
  access: Access;
  presence: Presence;
}) {
  const open = new Map<string, Connection>();
  const all = new Set<Connection>();

  /** The first reason given is the true one. */
  function close(connection: Connection, reason: DisconnectReason): Promise<void> {
    connection.reason ??= reason;
    const { socket } = connection;
    if (socket.closed) return Promise.resolve();
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.destroy();
    return closed;
  }

  function ended(connection: Connection): void {
    all.delete(connection);
    if (open.get(connection.client) === connection) open.delete(connection.client);
    const fallback = saidGoodbye(connection.aedes) ? 'CLIENT_INITIATED_DISCONNECT' : 'CONNECTION_LOST';
    void presence.disconnected(connection, connection.reason ?? fallback);
  }

  return {
    find: (client: string) => open.get(client),
    all: (): ReadonlySet<Connection> => all,
    close,
    /** Called when CONNECT was accepted; the older connection of the same client id has to go. */
    begin(aedes: Client, peer: Peer): Connection {
      const identity = { client: aedes.id, certificate: peer.certificate };
      const thing = access.isExclusive(identity) ? aedes.id : undefined;
      const session = { ...identity, id: randomUUID(), thing };
      const older = open.get(aedes.id);
      const version = registry.sessions.begin({ ...session, clean: aedes.clean });
      const connection: Connection = { ...session, version, aedes, socket: peer.socket };
      open.set(connection.client, connection);
      all.add(connection);
      if (older) void close(older, 'DUPLICATE_CLIENTID');
      void presence.connected(connection, peer.ip);
      if (peer.socket.destroyed) ended(connection);
      else peer.socket.once('close', () => ended(connection));
      return connection;
    },
  };
}
