/** AWS IoT of the laptop with a template provisioned, an HTTP shim before its services, and real clients on both sides. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import * as iotApi from '@aws-sdk/client-iot';
import { IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import type { IClientOptions, MqttClient } from 'mqtt';
import { connect } from 'mqtt';
import type { PolicyStatement, Resource } from '../../../infra/local/contract.ts';
import { createAuthority } from '../../../infra/local/front-door/authority.ts';
import { createIot } from '../../../infra/local/services/iot/iot.ts';
import { serveApi } from './api-shim.ts';
import { MemoryQueues } from './memory-queues.ts';
import * as template from './template.ts';

const place = { account: template.ACCOUNT, region: template.REGION };
const CALLER = `arn:aws:iam::${place.account}:role/caller`;
const RESOURCES = [template.devicePolicy, template.ingestRule, template.presenceRule];

export interface LaptopOptions {
  readonly dir?: string;
  readonly policyCacheSeconds?: number;
  /** How far ahead of the machine's clock the laptop's is. */
  readonly startsInDays?: number;
  readonly resources?: readonly Resource[];
  /** What the role that calls the API may do. Default: everything. */
  readonly may?: PolicyStatement;
}
export interface Device {
  readonly client: string;
  readonly prefix: string;
  readonly certificateId: string;
  readonly certificateArn: string;
  readonly cert: string;
  readonly key: string;
}
export type Laptop = Awaited<ReturnType<typeof startLaptop>>;

const everything: PolicyStatement = { Effect: 'Allow', Action: 'iot:*', Resource: '*' };
const trust = (service: string) => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } } as const,
});

export async function startLaptop(options: LaptopOptions = {}) {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'iot-'));
  let offset = (options.startsInDays ?? 0) * 86_400_000;
  const clock = { now: () => Date.now() + offset };
  const queues = new MemoryQueues();
  const lines: string[] = [];
  const authority = createAuthority({ place, clock });
  const targets = ['ingest', 'presence', 'dead'].map(template.queueArn);
  authority.roles.put({
    arn: template.ROLE,
    trust: trust('iot.amazonaws.com'),
    policies: {
      send: {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: targets },
      },
    },
  });
  authority.roles.put({
    arn: CALLER,
    trust: trust('lambda.amazonaws.com'),
    policies: { may: { Version: '2012-10-17', Statement: options.may ?? everything } },
  });

  const iot = await createIot(
    { ...place, dir, clock, authority, log: (line) => void lines.push(line) },
    { queues, ...(options.policyCacheSeconds !== undefined && { policyCacheSeconds: options.policyCacheSeconds }) },
  );
  const provision = async (resource: Resource) => {
    const provider = iot.providers.find(({ type }) => type === resource.type);
    if (!provider) throw new Error(`no provider of ${resource.type}`);
    return provider.create(resource);
  };
  for (const resource of options.resources ?? RESOURCES) await provision(resource);
  const { port } = await iot.listen(0);

  const caller = authority.assume(CALLER, 'lambda.amazonaws.com', 'test');
  const { endpoint, close: closeShim } = await serveApi(iot.services, (demands) =>
    authority.authorize(caller, demands),
  );
  const config = {
    endpoint,
    region: place.region,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
  };
  const control = new IoTClient(config);
  const data = new IoTDataPlaneClient(config);
  const opened: MqttClient[] = [];

  const laptop = {
    dir,
    port,
    endpoint,
    control,
    data,
    queues,
    lines,
    clock,
    iot,
    authority,
    provision,
    caFile: iot.caFile,
    advance: (seconds: number) => {
      offset += seconds * 1000;
    },
    /** Connects as a device does; no retries, no reconnects. `heard` is given the topics of all messages. */
    async connect(
      device: Pick<Device, 'cert' | 'key' | 'client'>,
      more: IClientOptions & Pick<SecureContextOptions, 'minVersion' | 'maxVersion'> = {},
      heard: string[] = [],
    ): Promise<MqttClient> {
      const { cert, key, client: clientId } = device;
      const identity = { ca: readFileSync(iot.caFile), cert, key, clientId, reconnectPeriod: 0, connectTimeout: 5000 };
      const client = connect(`mqtts://127.0.0.1:${port}`, { ...identity, ...more });
      opened.push(client);
      client.on('message', (topic) => heard.push(topic));
      await new Promise<void>((resolve, reject) => {
        client.once('connect', () => resolve());
        client.on('error', reject);
        client.once('close', () => reject(new Error('closed before CONNACK')));
      });
      return client;
    },
    async stop({ keep = false } = {}): Promise<void> {
      for (const client of opened) client.end(true);
      await iot.close();
      control.destroy();
      data.destroy();
      await closeShim();
      if (!keep) rmSync(dir, { recursive: true, force: true });
    },
  };
  return laptop;
}

/** A thing with attributes, in its product's group, with keys and certificate: what the API of the product does. */
export async function registerDevice({ control }: Pick<Laptop, 'control'>, name: string): Promise<Device> {
  const product = 'prd';
  await control.send(
    new iotApi.CreateThingCommand({
      thingName: name,
      attributePayload: { attributes: { account: 'acc', product } },
    }),
  );
  const { thingGroupArn } = await control.send(new iotApi.CreateThingGroupCommand({ thingGroupName: product }));
  await control.send(new iotApi.AttachPolicyCommand({ policyName: template.POLICY, target: thingGroupArn }));
  await control.send(new iotApi.AddThingToThingGroupCommand({ thingGroupName: product, thingName: name }));
  const made = await control.send(new iotApi.CreateKeysAndCertificateCommand({ setAsActive: true }));
  await control.send(
    new iotApi.AttachThingPrincipalCommand({
      thingName: name,
      principal: made.certificateArn,
      thingPrincipalType: 'EXCLUSIVE_THING',
    }),
  );
  return {
    client: name,
    prefix: `acc/${product}/${name}`,
    certificateId: made.certificateId ?? '',
    certificateArn: made.certificateArn ?? '',
    cert: made.certificatePem ?? '',
    key: made.keyPair?.PrivateKey ?? '',
  };
}

export const groupArn = `arn:aws:iot:${place.region}:${place.account}:thinggroup/prd`;

/** Resolves when the connection is gone; the test fails by its own timeout otherwise. */
export const closed = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => {
    client.on('error', () => undefined);
    if (client.disconnected || !client.connected) resolve();
    else client.once('close', () => resolve());
  });
