/** Operations that read a pool. Pools themselves are made by the template only. */
import * as z from 'zod';
import { define, epoch, onPool, poolId } from './operation.ts';

export const poolOperations = {
  DescribeUserPool: onPool(z.object({ UserPoolId: poolId }), ({ pools, users }, { UserPoolId }) => {
    const pool = pools.get(UserPoolId);
    const { UserPoolName, Schema, EnabledMfas: _, ...settings } = pool.settings;
    return {
      UserPool: {
        ...settings,
        Id: pool.id,
        Name: UserPoolName ?? pool.id,
        Arn: pools.arn(pool.id),
        SchemaAttributes: Schema,
        EstimatedNumberOfUsers: users.list(pool.id).length,
        CreationDate: epoch(pool.createdAt),
        LastModifiedDate: epoch(pool.modifiedAt),
        ...(pool.domain === undefined ? {} : { Domain: pool.domain }),
      },
    };
  }),
  /** An unknown domain is no error: the description is empty. */
  DescribeUserPoolDomain: define({
    input: z.object({ Domain: z.string().min(1).max(63) }),
    run: ({ pools }, { Domain }) => {
      const pool = pools.byDomain(Domain);
      if (!pool) return { DomainDescription: {} };
      const version = pool.managedLogin ? 2 : 1;
      return { DomainDescription: { Domain, UserPoolId: pool.id, Status: 'ACTIVE', ManagedLoginVersion: version } };
    },
  }),
};
