/** `AWS::Lambda::Function`, and its versions and aliases. */
import * as z from 'zod';
import type { Place, ResourceProvider } from '../../../contract.ts';
import { defineFunction, parseFunctionReference } from '../functions/function-definition.ts';
import type { FunctionRegistry } from '../functions/function-registry.ts';

export function functionProvider(place: Place, projectRoot: string, registry: FunctionRegistry): ResourceProvider {
  return {
    type: 'AWS::Lambda::Function',
    honoured: {
      FunctionName: 'its name',
      Role: 'its calls are made with a session of this role, which must trust Lambda',
      Handler: 'the export that is called',
      Runtime: 'only nodejs24.x is accepted',
      Timeout: 'the worker is ended, and the caller gets AWS’s error',
      MemorySize: 'the heap limit of the worker (at least 256 MB); not its CPU',
      'Environment.Variables': 'the variables; names that Lambda reserves are refused',
      'LoggingConfig.LogGroup': 'the folder of its log',
      'LoggingConfig.LogFormat': 'Text or JSON lines',
      'DeadLetterConfig.TargetArn':
        'the queue that gets the event of an asynchronous invocation, or of a durable execution, that failed for good',
      'DurableConfig.ExecutionTimeout': 'an execution that runs longer has timed out, by the host’s clock',
      'DurableConfig.RetentionPeriodInDays': 'then an ended execution is forgotten, and its name is free again',
    },
    ignored: {
      Code: 'the TypeScript source that the metadata names runs, without a bundle',
      Architectures: 'the laptop’s own',
      Description: 'for people',
      Tags: 'no tag of a function decides anything',
      TracingConfig: 'there is no X-Ray',
      PackageType: 'there is no package',
      KmsKeyArn: 'the environment lies in the template and in memory only',
      EphemeralStorage: 'the laptop’s own temporary folder',
      'LoggingConfig.ApplicationLogLevel': 'everything is written',
      'LoggingConfig.SystemLogLevel': 'everything is written',
      RuntimeManagementConfig: 'the Node that runs the host',
    },
    async create(resource) {
      const definition = defineFunction(resource, place, projectRoot);
      registry.put(definition);
      return { ref: definition.name, attributes: { Arn: definition.arn } };
    },
  };
}

const versioned = z.object({ FunctionName: z.string() });
const aliased = versioned.extend({ Name: z.string(), FunctionVersion: z.string().default('$LATEST') });

export function versionProvider(registry: FunctionRegistry): ResourceProvider {
  return {
    type: 'AWS::Lambda::Version',
    honoured: { FunctionName: 'the function' },
    ignored: { Description: 'for people', CodeSha256: 'the code is the source at hand: every version runs it' },
    async create({ properties }) {
      const { FunctionName } = versioned.parse(properties);
      const version = registry.publishVersion(FunctionName);
      const { arn } = registry.resolve(parseFunctionReference(FunctionName).name, version);
      return { ref: arn, attributes: { Version: version, FunctionArn: arn } };
    },
  };
}

export function aliasProvider(registry: FunctionRegistry): ResourceProvider {
  return {
    type: 'AWS::Lambda::Alias',
    honoured: {
      FunctionName: 'the function',
      Name: 'a name to call it by',
      FunctionVersion: 'the version in the ARN of a durable execution; every version runs the source at hand',
    },
    ignored: { Description: 'for people' },
    async create({ properties }) {
      const { FunctionName, Name, FunctionVersion } = aliased.parse(properties);
      registry.putAlias(FunctionName, Name, FunctionVersion);
      const { arn } = registry.resolve(parseFunctionReference(FunctionName).name, Name);
      return { ref: arn, attributes: { AliasArn: arn } };
    },
  };
}
