/**
 * The functions of the HTTP API, one per concept, and their routes: made from the one route table, so that a new route touches
 * nothing here. None has a data permission: each may invoke the broker, and those that must, the registrar, the provisioner or jobs.
 */
import { Duration } from 'aws-cdk-lib';
import { HttpApi, type HttpMethod, HttpRoute, HttpRouteKey } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ROUTE_TABLE } from '../../shared/api/routes.ts';
import {
  accountEnv,
  connectorIngestEnv,
  connectorsEnv,
  devicesEnv,
  instanceEnv,
  jobStartEnv,
  membersEnv,
  readingsEnv,
} from '../../shared/platform/env.ts';
import type { Settings } from '../settings.ts';
import type { StateStack } from '../stacks/state-stack.ts';
import { acknowledge } from './acknowledge.ts';
import { ServiceFunction } from './service-function.ts';
import { storeEnvOf } from './store-env.ts';
import type { SystemFunctions } from './system-functions.ts';

/** A role change or a revocation holds everywhere within this time plus the caches of ingest: under the promised 60 seconds. */
const IDENTITY_CACHE = Duration.seconds(30);
/** The gateway gives up at 30 seconds. */
const TIMEOUT = Duration.seconds(29);

type Concept = keyof typeof ROUTE_TABLE;

export class ApiFunctions extends Construct {
  private readonly functions: Record<Concept, ServiceFunction>;

  constructor(
    scope: Construct,
    id: string,
    { settings, state, system }: { settings: Settings; state: StateStack; system: SystemFunctions },
  ) {
    super(scope, id);
    const { devices, identity, gateway } = state;
    const account = {
      ...storeEnvOf(state),
      BROKER_FUNCTION: system.broker.function.functionName,
    };
    const withRegistrar = { ...account, REGISTRAR_FUNCTION: system.registrar.function.functionName };
    const withJobs = { ...account, JOBS_FUNCTION: system.jobs.function.currentVersion.functionArn };
    const provisioner = { PROVISIONER_FUNCTION: system.provisioner.function.functionName };
    const common = { settings, timeout: TIMEOUT, memorySize: 1024 };
    const plain = { ...common, envSchema: accountEnv, env: account };
    const starting = { ...common, envSchema: jobStartEnv, env: withJobs };
    const registering = { ...common, envSchema: membersEnv, env: withRegistrar };
    const provisioning = { ...common, envSchema: devicesEnv, env: { ...withJobs, ...provisioner } };

    this.functions = {
      instance: new ServiceFunction(this, 'Instance', {
        ...common,
        entry: 'http/instance',
        envSchema: instanceEnv,
        env: {
          MQTT_DOMAIN_CONFIGURATION: devices.domainConfiguration.ref,
          USER_POOL_ID: identity.pool.userPoolId,
        },
        hurt: 'The documentation and the start page of the API don’t open.',
      }),
      account: new ServiceFunction(this, 'Account', {
        ...plain,
        entry: 'http/account',
        hurt: 'Accounts can’t read or change their profile and properties.',
      }),
      members: new ServiceFunction(this, 'Members', {
        ...registering,
        entry: 'http/members',
        hurt: 'Accounts can’t invite, change or remove members.',
      }),
      'api-clients': new ServiceFunction(this, 'ApiClients', {
        ...registering,
        entry: 'http/api-clients',
        hurt: 'Accounts can’t create, rotate or delete API clients.',
      }),
      products: new ServiceFunction(this, 'Products', {
        ...provisioning,
        entry: 'http/products',
        hurt: 'Accounts can’t manage products.',
      }),
      devices: new ServiceFunction(this, 'Devices', {
        ...provisioning,
        entry: 'http/devices',
        hurt: 'Accounts can’t manage devices, nor revoke a credential.',
      }),
      buckets: new ServiceFunction(this, 'Buckets', {
        ...starting,
        entry: 'http/buckets',
        hurt: 'Accounts can’t manage what is collected.',
      }),
      readings: new ServiceFunction(this, 'Readings', {
        ...common,
        envSchema: readingsEnv,
        env: { ...withRegistrar, ...withJobs },
        entry: 'http/readings',
        memorySize: 1769,
        hurt: 'Accounts can’t read what their devices sent.',
      }),
      connectors: new ServiceFunction(this, 'Connectors', {
        ...common,
        entry: 'http/connectors',
        envSchema: connectorsEnv,
        env: { ...withRegistrar, API_URL: gateway.url },
        hurt: 'Accounts can’t create or delete connectors.',
      }),
      ingest: new ServiceFunction(this, 'ConnectorIngest', {
        ...common,
        entry: 'http/ingest',
        envSchema: connectorIngestEnv,
        env: { ...withRegistrar, ...provisioner },
        hurt: 'What gateways and LoRaWAN networks post is not stored; it is lost unless they post it again.',
      }),
      deletions: new ServiceFunction(this, 'Deletions', {
        ...starting,
        entry: 'http/deletions',
        hurt: 'Accounts can’t see, cancel or retry the removal of their readings.',
      }),
      exports: new ServiceFunction(this, 'Exports', {
        ...starting,
        entry: 'http/exports',
        hurt: 'Accounts can’t export their data, nor download what was exported.',
      }),
      imports: new ServiceFunction(this, 'Imports', {
        ...starting,
        entry: 'http/imports',
        hurt: 'Accounts can’t bring in archives or files of other platforms.',
      }),
      operator: new ServiceFunction(this, 'Operator', {
        ...registering,
        entry: 'http/operator',
        hurt: 'The operator can’t open, suspend or list accounts.',
      }),
    };
    for (const [concept, fn] of Object.entries(this.functions)) {
      if (concept !== 'instance') system.broker.allowCallsBy(fn);
    }
    for (const concept of ['members', 'api-clients', 'readings', 'connectors', 'ingest', 'operator'] as const) {
      system.registrar.allowCallsBy(this.functions[concept]);
    }
    for (const concept of ['products', 'devices', 'ingest'] as const) {
      system.provisioner.allowCallsBy(this.functions[concept]);
    }
    for (const concept of ['products', 'devices', 'buckets', 'readings', 'deletions', 'exports', 'imports'] as const) {
      system.jobs.allowStartsBy(this.functions[concept]);
    }
    this.functions.instance.role.addToPolicy(
      new PolicyStatement({
        actions: ['iot:DescribeDomainConfiguration'],
        resources: [devices.domainConfiguration.attrArn],
      }),
    );
    this.routes(state, system);
  }

  private routes({ gateway }: StateStack, system: SystemFunctions) {
    // Imported, so that routes, integrations and the authorizer are made here and not beside the API in the state stack.
    const httpApi = HttpApi.fromHttpApiAttributes(this, 'Gateway', { httpApiId: gateway.api.apiId });
    const authorizer = new HttpLambdaAuthorizer('Identity', system.authorizer.function, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      identitySource: ['$request.header.Authorization'],
      resultsCacheTtl: IDENTITY_CACHE,
    });
    for (const concept of Object.keys(ROUTE_TABLE) as Concept[]) {
      // One permission a function, not one a route: a stack holds 500 resources.
      const integration = new HttpLambdaIntegration(`${concept}-integration`, this.functions[concept].function, {
        scopePermissionToRoute: false,
      });
      for (const route of Object.values(ROUTE_TABLE[concept])) {
        // A connector's secret is no token: its function has it judged.
        const isOpen = route.access === 'public' || route.access === 'connector';
        const made = new HttpRoute(this, route.id, {
          httpApi,
          routeKey: HttpRouteKey.with(route.path, route.method as HttpMethod),
          integration,
          ...(isOpen ? {} : { authorizer }),
        });
        if (isOpen) {
          acknowledge(made, { 'AwsSolutions::AwsSolutions-APIG4': 'One of the closed list of public routes.' });
        }
      }
    }
    const fallback = new HttpRoute(this, 'unknown', {
      httpApi,
      routeKey: HttpRouteKey.DEFAULT,
      // Its permission is its own: `$default` has no method and path, which the others' `*/*/*` asks for.
      integration: new HttpLambdaIntegration('unknown-integration', this.functions.instance.function),
    });
    acknowledge(fallback, {
      'AwsSolutions::AwsSolutions-APIG4': 'Answers 404 as problem+json to a path that is no route.',
    });
  }

  all(): ServiceFunction[] {
    return Object.values(this.functions);
  }
}
