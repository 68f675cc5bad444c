/**
 * What a connection may do: the IoT policies of its certificate and of its thing's groups.
 *
 * AWS applies a changed policy, attribute or certificate status only after minutes, to open and to new connections alike. So
 * does this: what was read for a certificate and client id holds for `cacheSeconds`. Only a certificate that is active and
 * attached is remembered: one that is refused as such is looked up again at each attempt.
 */
import type { Clock } from '../../../contract.ts';
import { evaluate } from '../../../front-door/iam/evaluate.ts';
import type { CompiledPolicy } from '../../../front-door/iam/policy.ts';
import { compilePolicy } from '../../../front-door/iam/policy.ts';
import { RequestContext } from '../../../front-door/iam/request-context.ts';
import type { Arns } from '../arns.ts';
import type { Registry } from '../registry/registry.ts';

export interface Identity {
  readonly certificate: string;
  readonly client: string;
}
export type Refusal = 'unknown certificate' | 'inactive certificate' | 'wrong client id' | 'not allowed by a policy';
export type Access = ReturnType<typeof createAccess>;

type Action = 'Connect' | 'Publish' | 'RetainPublish' | 'Subscribe' | 'Receive';
const RESOURCE = {
  Connect: 'client',
  Publish: 'topic',
  RetainPublish: 'topic',
  Subscribe: 'topicfilter',
  Receive: 'topic',
} as const;

interface Rights {
  readonly loadedAt: number;
  readonly context: RequestContext;
  readonly policies: readonly CompiledPolicy[];
  readonly exclusive: boolean;
}

/** Above this, what has run out is thrown away. */
const SWEEP_FROM = 10_000;

export function createAccess({
  registry,
  arns,
  clock,
  cacheSeconds,
}: {
  registry: Registry;
  arns: Arns;
  clock: Clock;
  cacheSeconds: number;
}) {
  const cache = new Map<string, Rights>();
  const compiled = new Map<string, CompiledPolicy>();

  const isFresh = ({ loadedAt }: Rights) => {
    const age = clock.now() - loadedAt;
    return age >= 0 && age < cacheSeconds * 1000;
  };

  function rights(identity: Identity): Rights | Refusal {
    const key = `${identity.certificate} ${identity.client}`;
    const known = cache.get(key);
    if (known && isFresh(known)) return known;
    cache.delete(key);
    const loaded = load(identity);
    if (typeof loaded === 'string') return loaded;
    if (cache.size >= SWEEP_FROM) for (const [old, entry] of cache) if (!isFresh(entry)) cache.delete(old);
    cache.set(key, loaded);
    return loaded;
  }

  function load({ certificate, client }: Identity): Rights | Refusal {
    const status = registry.certificates.find(certificate)?.status;
    if (status === undefined) return 'unknown certificate';
    if (status !== 'ACTIVE') return 'inactive certificate';
    // AWS would leave other client ids to the policy; here a session is always that of one thing of the certificate.
    const principal = registry.principals.ofCertificate(certificate).find(({ thing }) => thing === client);
    const thing = principal && registry.things.find(client);
    if (!principal || !thing) return 'wrong client id';
    const attributes = Object.entries(thing.attributes).map(
      ([name, value]) => [`iot:Connection.Thing.Attributes[${name}]`, value] as const,
    );
    return {
      loadedAt: clock.now(),
      exclusive: principal.type === 'EXCLUSIVE_THING',
      policies: registry.policies.effective(certificate, thing.name).map(({ document }) => compile(document)),
      context: new RequestContext({
        ...Object.fromEntries(attributes),
        'iot:ClientId': client,
        'iot:Connection.Thing.ThingName': thing.name,
        'iot:Connection.Thing.IsAttached': 'true',
      }),
    };
  }

  function compile(document: string): CompiledPolicy {
    const policy = compiled.get(document) ?? compilePolicy(JSON.parse(document), 'identity');
    compiled.set(document, policy);
    return policy;
  }

  function refusal(identity: Identity, action: Action, name: string): Refusal | undefined {
    const found = rights(identity);
    if (typeof found === 'string') return found;
    const resource = arns.of(RESOURCE[action], name);
    const decision = evaluate(found.policies, { action: `iot:${action}`, resource, context: found.context });
    return decision === 'allowed' ? undefined : 'not allowed by a policy';
  }

  return {
    refusal,
    allows: (identity: Identity, action: Action, name: string) => refusal(identity, action, name) === undefined,
    /** False once the cache has turned over on a certificate that was deactivated, detached or deleted. */
    isAlive: (identity: Identity) => typeof rights(identity) !== 'string',
    /** Whether the thing has the certificate to itself, which AWS then says in presence events. */
    isExclusive: (identity: Identity) => {
      const found = rights(identity);
      return typeof found !== 'string' && found.exclusive;
    },
  };
}
