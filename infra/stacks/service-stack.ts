/** Service: functions and routes. It holds nothing: it can be torn down and rebuilt. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ApiFunctions } from '../constructs/api-functions.ts';
import { CompactionFunctions } from '../constructs/compaction-functions.ts';
import type { ServiceFunction } from '../constructs/service-function.ts';
import { SystemFunctions } from '../constructs/system-functions.ts';
import type { Settings } from '../settings.ts';
import type { StateStack } from './state-stack.ts';

export class ServiceStack extends Stack {
  readonly functions: readonly ServiceFunction[];

  constructor(
    scope: Construct,
    id: string,
    { settings, state, ...props }: StackProps & { settings: Settings; state: StateStack },
  ) {
    super(scope, id, { description: 'Custodia: functions and routes', ...props });
    const system = new SystemFunctions(this, 'System', { settings, state });
    const api = new ApiFunctions(this, 'Api', { settings, state, system });
    const compaction = new CompactionFunctions(this, 'Compaction', { settings, state });
    this.functions = [...system.all(), ...compaction.all(), ...api.all()];
  }
}
