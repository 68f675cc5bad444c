/**
 * AWS IoT Core on the laptop: the registry (things, groups, certificates, policies) and its API, the MQTT broker over mutual TLS,
 * the rules engine, presence events, and the providers of their CloudFormation types.
 *
 * Owns `dir` (the registry, the certificate authority, the listener's certificate) and one listener on loopback. It reaches
 * queues only through the `QueueSender` that it is given, with the rights of the rule's role. The front door authorizes API
 * calls; what a device may do is decided here, by IoT policies, because no signed request stands behind it.
 */
import type { AwsService, QueueSender, ResourceProvider, ServiceContext } from '../../contract.ts';
import { controlPlane } from './api/control-plane.ts';
import { dataPlane } from './api/data-plane.ts';
import { iotArns } from './arns.ts';
import { createAccess } from './broker/access.ts';
import { createBroker } from './broker/broker.ts';
import { createConnections } from './broker/connections.ts';
import type { Listener } from './broker/listener.ts';
import { listenForDevices } from './broker/listener.ts';
import { createPresence } from './broker/presence.ts';
import { openCertificateAuthority } from './pki/certificate-authority.ts';
import { currentServerCertificate } from './pki/server-certificate.ts';
import { createDomainConfigurations } from './providers/domain-configuration.ts';
import { policyProvider } from './providers/policy.ts';
import { topicRuleProvider } from './providers/topic-rule.ts';
import { openRegistry } from './registry/registry.ts';
import { createRuleEngine } from './rules/engine.ts';

export interface IotOptions {
  /** How long a change of policies, attributes or certificate status stays unseen. AWS: 6 to 8 minutes. Default: 480. */
  readonly policyCacheSeconds?: number;
  readonly queues: QueueSender;
  /** Default: 8883, as on AWS. */
  readonly mqttPort?: number;
}
export interface Iot {
  readonly services: readonly AwsService[];
  readonly providers: readonly ResourceProvider[];
  /** The certificate that devices have to trust. */
  readonly caFile: string;
  /** Lets devices in. Call once all resources are provisioned: their TLS policy counts from here on. Rejects if the port is taken. */
  listen(port?: number): Promise<{ readonly port: number }>;
  close(): Promise<void>;
}

const DEFAULT_CACHE_SECONDS = 480;
const DEFAULT_PORT = 8883;
const RENEWAL_CHECK_MS = 3_600_000;

export async function createIot(ctx: ServiceContext, options: IotOptions): Promise<Iot> {
  const { clock, log, dir } = ctx;
  const arns = iotArns(ctx);
  const ca = await openCertificateAuthority(dir);
  const registry = openRegistry(dir, { arns, clock });
  const domains = createDomainConfigurations(arns);
  const rules = createRuleEngine({ clock, log });
  const cacheSeconds = options.policyCacheSeconds ?? DEFAULT_CACHE_SECONDS;
  const access = createAccess({ registry, arns, clock, cacheSeconds });
  const presence = createPresence({
    sessions: registry.sessions,
    clock,
    publish: async (topic, payload) => {
      const passed = await rules.dispatch({ topic, payload });
      await broker.deliver({ topic, payload, qos: 0, retain: false }).catch(() => undefined);
      return passed;
    },
  });
  const connections = createConnections({ registry, access, presence });
  const broker = await createBroker({ access, connections, rules, log });

  let listener: Listener | undefined;
  let renewal: NodeJS.Timeout | undefined;

  return {
    caFile: ca.file,
    services: [
      controlPlane({ registry, arns, ca, domains }),
      dataPlane({ registry, arns, clock, broker, connections, rules }),
    ],
    providers: [
      policyProvider({ registry, arns }),
      topicRuleProvider({ rules, authority: ctx.authority, queues: options.queues, arns }),
      domains.provider,
    ],
    async listen(port = options.mqttPort ?? DEFAULT_PORT) {
      await presence.makeUp();
      const certificate = await currentServerCertificate(dir, { ca, clock });
      const versions = domains.tlsVersions();
      const opened = await listenForDevices({ port, ca: ca.pem, certificate, versions, accept: broker.accept, log });
      listener = opened;
      renewal = setInterval(() => {
        currentServerCertificate(dir, { ca, clock }).then(opened.use, (error: Error) => log(error.message));
      }, RENEWAL_CHECK_MS);
      renewal.unref();
      return { port: opened.port };
    },
    async close() {
      clearInterval(renewal);
      await broker.close();
      await listener?.close();
      await presence.settled();
      registry.close();
    },
  };
}
