/**
 * What is posted to a connector's address. It keeps what a bucket of the account collects, as for MQTT; what can't be stored is
 * listed, and still answered 200, since networks give up on an address that refuses.
 */
import type { ConnectorCaller } from '../api/caller.ts';
import type { UseCase } from '../api/edge.ts';
import { type Collectors, instructionCache } from '../bucket/instructions.ts';
import type { ConnectorProof } from '../identity/connector-proof.ts';
import { type JsonValue, MAX_DEPTH, stringifyJson, tooDeepAt } from '../platform/json-value.ts';
import { count } from '../platform/log.ts';
import type { Group, Row } from '../readings/codec/block.ts';
import { keepReadings } from '../readings/keep-readings.ts';
import { rejectMessage } from '../rejected-message/reject-message.ts';
import type { Reason } from '../rejected-message/rejected-message.ts';
import type { Announce } from '../work/due.ts';
import type { ConnectorKind } from './connector.ts';
import type { ingestRoutes } from './connector-api.ts';
import { type FindDeps, findDevices } from './find-devices.ts';
import { understandChirpstack } from './understand-chirpstack.ts';
import { understandJson } from './understand-json.ts';
import { understandSenml } from './understand-senml.ts';
import { understandTheThingsStack } from './understand-the-things-stack.ts';
import type { Problem, Understand, Uplink } from './uplink.ts';

const UNDERSTAND: Readonly<Record<ConnectorKind, Understand>> = {
  json: understandJson,
  senml: understandSenml,
  'the-things-stack': understandTheThingsStack,
  chirpstack: understandChirpstack,
};

/** How a rejected message's detail begins; what it names follows. */
const LEADS: Partial<Record<Reason, string>> = {
  'unknown-device': 'No device of the connector’s product has this id or serial number',
  'bad-payload': 'Not what a connector of this kind takes',
  'bad-senml': 'Not valid SenML',
  'bad-timestamp': 'Not a time, before 1970, or more than 24 hours ahead',
  'too-deep': `Deeper than ${MAX_DEPTH} levels, of device`,
  'too-large': 'Larger than a block can hold, of device',
};
const MOST_NAMED = 20;

export interface ReceiveDeps extends FindDeps {
  readonly announce: Announce<ConnectorProof>;
  /** A ULID of that time; blocks are in its order. */
  readonly newBlockId: (at: number) => string;
}

/** Decides what becomes of each uplink, without acting. */
function sortUplinks(
  uplinks: readonly Uplink[],
  at: { product: string; now: number; devices: ReadonlyMap<string, string>; collectors: Collectors },
) {
  const groups = new Map<string, Group & { rows: Row[] }>();
  const problems: Problem[] = [];
  let uncollected = 0;
  for (const {
    devices: [called = ''],
    stream,
    ts,
    value,
  } of uplinks) {
    const device = at.devices.get(called);
    if (device === undefined) problems.push({ reason: 'unknown-device', what: called });
    else if (tooDeepAt(stringifyJson(value), MAX_DEPTH) >= 0) problems.push({ reason: 'too-deep', what: called });
    else {
      const key = `${device} ${stream}`;
      const known = groups.get(key);
      const buckets = known?.buckets ?? at.collectors({ product: at.product, device, stream });
      if (buckets.length === 0) uncollected += 1;
      else {
        const group = known ?? { device, stream, buckets, rows: [] };
        group.rows.push({ ts, receivedAt: at.now, value });
        groups.set(key, group);
      }
    }
  }
  return { groups: [...groups.values()], problems, uncollected };
}

export function receiveUplinks(deps: ReceiveDeps): UseCase<typeof ingestRoutes.receive> {
  const collectorsOf = instructionCache();
  const find = findDevices(deps);

  /** One entry for each reason, however many readings it concerns. */
  async function list({ session, connector }: ConnectorCaller, problems: readonly Problem[], at: Sent) {
    const byReason = [...Map.groupBy(problems, ({ reason }) => reason)];
    const size = byReason.length === 0 ? 0 : Buffer.byteLength(stringifyJson(at.body));
    for (const [reason, of] of byReason) {
      const named = [...new Set(of.map(({ what }) => what))];
      const more = named.length > MOST_NAMED ? `, and ${named.length - MOST_NAMED} more` : '';
      await rejectMessage(session, {
        source: deps.newId('rejectedMessage'),
        receivedAt: at.now,
        topic: `ingest/${connector.id}`,
        reason,
        detail: `${LEADS[reason]}: ${named.slice(0, MOST_NAMED).join(', ')}${more}`,
        size,
      });
    }
    return byReason.length;
  }

  async function keep({ session, connector, proof }: ConnectorCaller, groups: readonly Group[], at: number) {
    const { product } = connector;
    await deps.announce({ account: session.account, product }, at, proof);
    return keepReadings(session, { product, groups }, () => deps.newBlockId(at));
  }

  return async (caller, { body, query }) => {
    const { session, connector } = caller;
    const now = deps.now();
    const understood = UNDERSTAND[connector.kind](body, { now, query });
    const [collectors, devices] = await Promise.all([collectorsOf(session), find(caller, understood.uplinks)]);
    const { product } = connector;
    const sorted = sortUplinks(understood.uplinks, { product, now, devices, collectors });
    const { groups, uncollected } = sorted;
    const refused = groups.length === 0 ? [] : await keep(caller, groups, now);
    const tooLarge = groups.flatMap(({ device, rows }) =>
      rows.filter((row) => refused.includes(row)).map((): Problem => ({ reason: 'too-large', what: device })),
    );
    const problems = [...understood.problems, ...sorted.problems, ...tooLarge];
    const listed = await list(caller, problems, { now, body });
    const stored = groups.reduce((sum, { rows }) => sum + rows.length, 0) - tooLarge.length;
    count(now, { ReadingsStored: stored, ReadingsUncollected: uncollected, MessagesRejected: listed });
    return { body: { stored, uncollected, rejected: problems.length, ignored: understood.ignored } };
  };
}

interface Sent {
  readonly now: number;
  readonly body: JsonValue;
}
