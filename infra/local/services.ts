/** Every AWS service of the laptop, opened and wired to each other. What a new service needs, it gets here. */
import { readFileSync } from 'node:fs';
import type { Closing } from './closing.ts';
import { ignoredProviders } from './cloudformation/ignored.ts';
import type { AwsService, Clock, Place, QueueSender, ResourceProvider, ServiceContext } from './contract.ts';
import { type DataDirectory, damaged } from './data-directory.ts';
import { createAuthority, type LocalAuthority } from './front-door/authority.ts';
import { iamProviders } from './front-door/iam-providers.ts';
import { createFrontDoor, type FrontDoor } from './front-door/server.ts';
import { createSts } from './front-door/sts/sts.ts';
import { functionSessions } from './function-sessions.ts';
import type { Mail } from './outbox.ts';
import type { Ports } from './ports.ts';
import { messageOf, Refusal } from './refusal.ts';
import { type Cognito, createCognito } from './services/cognito/cognito.ts';
import { type DynamoDb, openDynamoDb } from './services/dynamodb/service.ts';
import { createHttpApi, type HttpApi } from './services/http-api/http-api.ts';
import { createIot, type Iot } from './services/iot/iot.ts';
import { createKms } from './services/kms/kms.ts';
import { kmsProviders } from './services/kms/kms-providers.ts';
import { createLambda, type Lambda } from './services/lambda/lambda.ts';
import { openS3, type S3Service } from './services/s3/s3.ts';
import { createScheduler, type Scheduler } from './services/scheduler/scheduler.ts';
import { openSqs } from './services/sqs/service.ts';

export interface ServicesDeps {
  readonly place: Place;
  readonly clock: Clock;
  readonly directory: Pick<DataDirectory, 'service'>;
  /** Entries of functions are relative to it. */
  readonly projectRoot: string;
  /** Where the doors will be. Only the front door opens here: resources must exist before anybody else comes in. */
  readonly ports: Ports;
  readonly policyCacheSeconds: number;
  readonly closing: Closing;
  sendMail(mail: Mail): Promise<void>;
  log(part: string): (message: string) => void;
}

export interface Services {
  readonly frontDoor: FrontDoor;
  readonly dynamodb: DynamoDb;
  readonly s3: S3Service;
  readonly cognito: Cognito;
  readonly iot: Iot;
  readonly lambda: Lambda;
  readonly httpApi: HttpApi;
  readonly scheduler: Scheduler;
  readonly providers: readonly ResourceProvider[];
}

/** `localhost` may mean `::1` first, where nobody listens. */
export const origin = (port: number): string => `http://127.0.0.1:${port}`;

export async function openServices(deps: ServicesDeps): Promise<Services> {
  const { place, clock, ports, closing } = deps;
  const all: AwsService[] = [];
  const authority: LocalAuthority = createAuthority({
    place,
    clock,
    resourcePolicies: (resource) => all.flatMap((service) => service.resourcePolicies?.(resource) ?? []),
  });
  const open = async <T>(name: string, create: (context: ServiceContext) => T | Promise<T>): Promise<T> => {
    const dir = deps.directory.service(name);
    try {
      return await create({ ...place, clock, authority, dir, log: deps.log(name) });
    } catch (error) {
      throw error instanceof Refusal ? error : damaged({ file: dir, reason: messageOf(error) });
    }
  };

  const [dynamodb, sqs, kms, cognito] = await Promise.all([
    open('dynamodb', openDynamoDb),
    open('sqs', (context) => openSqs(context, { endpoint: () => origin(ports.door) })),
    open('kms', createKms),
    open('cognito', (context) =>
      createCognito(context, { authOrigin: () => origin(ports.auth), sendMail: deps.sendMail }),
    ),
  ]);
  const s3 = await open('s3', (context) => openS3(context, { keyArn: (name) => kms.keys.find(name).key.arn }));
  for (const service of [dynamodb.service, sqs.service, cognito.service, s3.service])
    closing.add(() => service.close?.());

  const { policyCacheSeconds } = deps;
  // Rules and schedules reach queues and functions without a request, but the faults of the front door strike them, too.
  const queues: QueueSender = {
    async send(queueUrl, body) {
      frontDoor.faults.strike('sqs', 'SendMessage', 'before');
      await sqs.sender.send(queueUrl, body);
    },
  };
  const iot = await open('iot', (context) => createIot(context, { policyCacheSeconds, queues }));
  closing.add(() => iot.close());

  const lambda = await open('lambda', (context) =>
    createLambda(context, {
      projectRoot: deps.projectRoot,
      frontDoorUrl: () => origin(ports.door),
      ...functionSessions(authority),
      extraEnv: () => ({
        JWKS_ENDPOINT_URL: `${origin(ports.auth)}/`,
        MQTT_PORT: String(ports.mqtt),
        MQTT_CA_PEM: readFileSync(iot.caFile, 'utf8'),
      }),
      queues: sqs.consumer,
      sender: queues,
    }),
  );
  closing.add(() => lambda.close());

  const scheduler = await open('scheduler', (context) =>
    createScheduler(context, {
      assume: (roleArn, sourceArn) => authority.assume(roleArn, 'scheduler.amazonaws.com', 'schedule', sourceArn),
      send(functionArn, event) {
        frontDoor.faults.strike('lambda', 'Invoke', 'before');
        lambda.send(functionArn, event);
      },
      queues,
    }),
  );
  closing.add(() => scheduler.close());

  const httpApi = await open('http-api', (context) =>
    createHttpApi(context, { runtime: lambda.runtime, logs: lambda.logs, endpoint: () => origin(ports.api) }),
  );
  closing.add(() => httpApi.close());
  const sts = createSts({ authority, place, clock });
  all.push(dynamodb.service, s3.service, sqs.service, kms, cognito.service, ...iot.services, lambda.service, sts);
  const log = deps.log('front-door');
  const frontDoor = await createFrontDoor({ authority, services: all, place, clock, log, port: ports.door });
  closing.add(() => frontDoor.close());

  const providers = [
    ...iamProviders(authority, place),
    ...kmsProviders(kms, place),
    ...[dynamodb, s3, sqs, cognito, iot, lambda, scheduler, httpApi].flatMap((service) => service.providers),
    ...ignoredProviders(place),
  ];
  return { frontDoor, dynamodb, s3, cognito, iot, lambda, httpApi, scheduler, providers };
}
