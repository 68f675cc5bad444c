/**
 * The laptop host: a third environment beside `dev` and `prod`. It plays an AWS account for the one app that it synthesizes.
 *
 * Owns the data directory and all listeners. Knows of the app only its templates, the entries that they name, and the outputs
 * listed in endpoints.ts; it imports nothing of ours. In this order, because each needs what stands before it: directory,
 * synthesis (in the background), ports, services, templates checked, resources made, doors opened, endpoints.json written.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type HostClock, hostClock } from './clock.ts';
import { type Closing, closing } from './closing.ts';
import { readAssembly } from './cloudformation/assembly.ts';
import { checkTemplates, providersByType } from './cloudformation/check.ts';
import { type Deployment, provision } from './cloudformation/provision.ts';
import type { StackTemplate } from './cloudformation/template.ts';
import { listenForControl } from './control.ts';
import { controlled, functionNames } from './controlled.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { describeEndpoints, type Endpoints, OPERATOR_EMAIL, readOutputs } from './endpoints.ts';
import { writeJson } from './files.ts';
import { type HostLog, openLog } from './host-log.ts';
import type { Options } from './options.ts';
import { outbox } from './outbox.ts';
import { choosePorts, type Ports } from './ports.ts';
import type { Services } from './services.ts';
import { type Synthesis, synthesize } from './synth.ts';
import { listenForWeb } from './web-listener.ts';

export interface HostOptions extends Options {
  /** The project whose cdk.json names the app. */
  readonly projectRoot: string;
  /** Ends a boot that is still under way. */
  readonly signal?: AbortSignal;
  /** For the person in front of it. */
  say(message: string): void;
}

export interface Host {
  readonly endpoints: Endpoints;
  readonly endpointsFile: string;
  close(): Promise<void>;
}

/** As in the listener's certificate, and as DescribeDomainConfiguration says. */
const MQTT_HOST = 'localhost';
/** As in AWS's own examples; nobody's account. */
const PLACE = { account: '123456789012', region: 'eu-central-1' };

/** Throws a `Refusal` for what the person can mend. Nothing is left open then. */
export async function startHost(options: HostOptions): Promise<Host> {
  const directory = openDataDirectory(options.data, options);
  const log = openLog(directory.dir);
  const undo = closing(log.of('host'));
  undo.add(() => directory.release());
  undo.add(() => log.close());
  try {
    const endpoints = await boot(options, { directory, log, undo, clock: hostClock() });
    writeJson(directory.endpointsFile, endpoints);
    undo.add(() => directory.removeEndpoints());
    log.of('host')(`ready, process ${process.pid}`);
    return { endpoints, endpointsFile: directory.endpointsFile, close: () => undo.run() };
  } catch (error) {
    await undo.run();
    throw error;
  }
}

interface Parts {
  readonly directory: DataDirectory;
  readonly log: HostLog;
  readonly undo: Closing;
  readonly clock: HostClock;
}

async function boot(options: HostOptions, parts: Parts): Promise<Endpoints> {
  const { projectRoot, signal, say } = options;
  const { directory, undo } = parts;
  const synthesis = new AbortController();
  undo.add(() => synthesis.abort());
  const stop = AbortSignal.any([synthesis.signal, ...(signal ? [signal] : [])]);
  const stacks = synthesizedStacks({ projectRoot, cache: directory.assembly, signal: stop, say });
  // Handled below; until then it must not count as nobody's error.
  stacks.catch(() => {});

  const ports = await choosePorts(options.ports, directory.settings.ports, say);
  directory.save({ ...directory.settings, ports });
  const services = await open(options, parts, ports);
  const deployment = await deploy(await stacks, services);
  signal?.throwIfAborted();
  return openDoors(options, parts, services, deployment, ports);
}

async function open({ projectRoot, policyCacheSeconds }: HostOptions, parts: Parts, ports: Ports): Promise<Services> {
  const { directory, log, undo, clock } = parts;
  // Loaded here, and not above, because synthesis runs meanwhile.
  const { openServices } = await import('./services.ts');
  return openServices({
    place: PLACE,
    clock,
    directory,
    projectRoot,
    ports,
    policyCacheSeconds,
    closing: undo,
    sendMail: outbox(directory.outbox, clock),
    log: (part) => log.of(part),
  });
}

/** The kept assembly is only a cache: one that can't be read is made anew. */
async function synthesizedStacks(synthesis: Synthesis): Promise<StackTemplate[]> {
  const assembly = await synthesize(synthesis);
  return readAssembly(assembly).catch(async () => {
    await rm(assembly, { recursive: true, force: true });
    return readAssembly(await synthesize(synthesis));
  });
}

async function deploy(stacks: readonly StackTemplate[], services: Services): Promise<Deployment> {
  const providers = providersByType(services.providers);
  checkTemplates(stacks, PLACE, providers);
  return provision(stacks, PLACE, providers);
}

async function openDoors(
  { control }: HostOptions,
  { directory, log, undo, clock }: Parts,
  services: Services,
  { outputs, resources }: Deployment,
  ports: Ports,
): Promise<Endpoints> {
  const { cognito, httpApi, iot, lambda, scheduler } = services;
  const app = readOutputs(outputs);
  await cognito.ensureUser(app.operatorPool, OPERATOR_EMAIL, directory.settings.operatorPassword);
  undo.add(await listenForWeb(ports.auth, (request, response) => void cognito.handleWeb(request, response)));
  await httpApi.listen({ port: ports.api });
  await iot.listen(ports.mqtt);
  lambda.start();
  scheduler.start();
  if (control) undo.add(await listenForControl(control, controlled(services, clock, functionNames(resources))));
  return describeEndpoints(app, {
    cognito,
    mqtt: { host: MQTT_HOST, port: ports.mqtt, caFile: iot.caFile },
    operatorPassword: directory.settings.operatorPassword,
    outbox: directory.outbox,
    logs: path.join(directory.service('lambda'), 'logs'),
    hostLog: log.file,
  });
}
