/** Removal policy follows rebuildability, and is decided here alone. */
import { RemovalPolicy } from 'aws-cdk-lib';
import type { Settings } from '../settings.ts';

/** For what can't be made again: kept and protected, but for a `dev` stage. */
export function stateLifetime({ stage }: Settings): { removalPolicy: RemovalPolicy; deletionProtection: boolean } {
  return stage === 'dev'
    ? { removalPolicy: RemovalPolicy.DESTROY, deletionProtection: false }
    : { removalPolicy: RemovalPolicy.RETAIN, deletionProtection: true };
}
