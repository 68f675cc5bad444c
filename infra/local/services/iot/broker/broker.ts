/**
 * The message broker: aedes, with AWS IoT's rules of admission around it. It speaks MQTT 3.1.1 (AWS speaks 5 too); sessions
 * of offline clients and retained messages live in memory and end with the host.
 */
import type { EventEmitter } from 'node:events';
import type { AedesPublishPacket, Client, PublishPacket, Subscription } from 'aedes';
import { Aedes } from 'aedes';
import type { RuleEngine } from '../rules/engine.ts';
import type { Access } from './access.ts';
import { storeOnly } from './aedes-internals.ts';
import type { Connection, Connections, Peer } from './connections.ts';
import type { DisconnectReason } from './presence.ts';
import { basicIngest, mayBePublished, maySubscribe } from './topics.ts';

/** AWS's limit for a payload. */
export const MOST_PAYLOAD_BYTES = 128 * 1024;
const KEEP_ALIVE = { least: 30, most: 1200 };
const INACTIVE_CHECK_MS = 1000;
const NOT_AUTHORIZED = 5;

interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}
export interface Broker {
  readonly aedes: Aedes;
  accept(peer: Peer): void;
  /** To subscribers only; rules are the caller's business. */
  deliver(message: Message): Promise<void>;
  close(): Promise<void>;
}

interface Refused {
  readonly what: string;
  readonly reason: DisconnectReason;
}

export async function createBroker({
  access,
  connections,
  rules,
  log,
}: {
  access: Access;
  connections: Connections;
  rules: RuleEngine;
  log: (message: string) => void;
}): Promise<Broker> {
  const peers = new WeakMap<Client, Peer>();
  const known = new WeakMap<Client, Connection>();
  /** Messages on their way through the rules, last wills among them. */
  const admissions = new Set<Promise<void>>();

  const mayHave = (client: Client, filter: string): boolean => {
    const connection = known.get(client) ?? identify(client);
    return connection !== undefined && maySubscribe(filter) && access.allows(connection, 'Subscribe', filter);
  };
  const identify = (client: Client) => {
    const peer = peers.get(client);
    return peer && { certificate: peer.certificate, client: client.id };
  };

  /** Why a publish is refused. AWS cuts the connection then, and so does aedes when it is given an error. */
  function publishRefusal(connection: Connection, packet: PublishPacket): Refused | undefined {
    const { topic, payload, qos, retain } = packet;
    if (qos === 2) return { what: 'with QoS 2', reason: 'CLIENT_ERROR' };
    if (Buffer.byteLength(payload) > MOST_PAYLOAD_BYTES) return { what: 'more than 128 KB', reason: 'CLIENT_ERROR' };
    if (!mayBePublished(topic)) return { what: 'to an impossible topic', reason: 'AUTH_ERROR' };
    if (!access.allows(connection, 'Publish', topic))
      return { what: 'to a topic that no policy allows', reason: 'AUTH_ERROR' };
    if (retain && !access.allows(connection, 'RetainPublish', topic))
      return { what: 'a retained message', reason: 'AUTH_ERROR' };
    return undefined;
  }

  /** Runs before PUBACK is sent: what was acknowledged stands on its queues already. */
  async function admit(connection: Connection, packet: PublishPacket): Promise<void> {
    const refusal = publishRefusal(connection, packet);
    if (refusal) {
      // A last will comes when the connection has ended for a reason of its own.
      if (!connection.aedes.closed) connection.reason ??= refusal.reason;
      log(`${connection.client} tried to publish ${refusal.what}`);
      throw new Error(refusal.what);
    }
    const message = {
      payload: Buffer.from(packet.payload),
      clientId: connection.client,
      principal: connection.certificate,
    };
    const ingest = basicIngest(packet.topic);
    if (!ingest) return void (await rules.dispatch({ ...message, topic: packet.topic }));
    // Nobody could ever read it.
    packet.retain = false;
    return void (await rules.dispatchTo(ingest.rule, { ...message, topic: ingest.topic }));
  }

  const aedes = new Aedes({
    maxClientsIdLength: 128,
    preConnect: (_client, packet, done) => {
      const asked = packet.keepalive ?? 0;
      packet.keepalive = asked === 0 || asked > KEEP_ALIVE.most ? KEEP_ALIVE.most : Math.max(asked, KEEP_ALIVE.least);
      if (packet.will?.qos === 2) return done(new Error('QoS 2'), false);
      return done(null, true);
    },
    authenticate: (client, _user, _password, done) => {
      const identity = identify(client);
      const refusal = identity ? access.refusal(identity, 'Connect', client.id) : 'unknown certificate';
      if (refusal === undefined) return done(null, true);
      log(`a connection was refused: ${refusal}`);
      return done(Object.assign(new Error(refusal), { returnCode: NOT_AUTHORIZED }), null);
    },
    authorizePublish: (client, packet, done) => {
      const connection = client && known.get(client);
      if (!connection) return done(new Error('no connection'));
      const admission = admit(connection, packet)
        .then(() => done(null), done)
        .finally(() => admissions.delete(admission));
      admissions.add(admission);
    },
    authorizeSubscribe: (client, subscription: Subscription, done) => {
      if (subscription.qos === 2) return done(new Error('QoS 2'));
      return done(null, mayHave(client, subscription.topic) ? subscription : null);
    },
    authorizeForward: (client, packet: AedesPublishPacket) => {
      const connection = known.get(client);
      return connection && access.allows(connection, 'Receive', packet.topic) ? packet : null;
    },
  });
  await aedes.listen();
  storeOnly(aedes, mayHave);
  const emitter: EventEmitter = aedes;
  emitter.on('error', (error: Error) => log(`the broker failed: ${error.message}`));
  aedes.on('client', (client) => {
    const peer = peers.get(client);
    if (peer) known.set(client, connections.begin(client, peer));
  });
  const because = (client: Client, reason: 'CLIENT_ERROR' | 'MQTT_KEEP_ALIVE_TIMEOUT') => {
    const connection = known.get(client);
    if (connection) connection.reason ??= reason;
  };
  aedes.on('keepaliveTimeout', (client) => because(client, 'MQTT_KEEP_ALIVE_TIMEOUT'));
  // An error with a code is the socket's, hence a lost connection.
  aedes.on('clientError', (client, error) => 'code' in error || because(client, 'CLIENT_ERROR'));

  const inactiveCheck = setInterval(() => {
    for (const connection of connections.all())
      if (!access.isAlive(connection)) void connections.close(connection, 'AUTH_ERROR');
  }, INACTIVE_CHECK_MS);
  inactiveCheck.unref();

  return {
    aedes,
    accept: (peer) => peers.set(aedes.handle(peer.socket), peer),
    deliver: ({ topic, payload, qos, retain }) =>
      new Promise((resolve, reject) => {
        const packet = { cmd: 'publish' as const, topic, payload, qos, retain, dup: false };
        aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
      }),
    async close() {
      clearInterval(inactiveCheck);
      const open = [...connections.all()];
      await Promise.all(open.map((connection) => connections.close(connection, 'SERVER_INITIATED_DISCONNECT')));
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await Promise.all(admissions);
    },
  };
}
