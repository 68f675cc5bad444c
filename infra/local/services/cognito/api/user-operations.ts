/** The administrator's operations on people. */
import * as z from 'zod';
import { invalidParameter } from '../errors.ts';
import type { User } from '../user/users.ts';
import { epoch, onPool, poolId } from './operation.ts';
import { paginate } from './pagination.ts';
import { userFilter } from './user-filter.ts';

const attribute = z.object({ Name: z.string().min(1).max(32), Value: z.string().max(2048).optional() });
const name = z.string().min(1).max(128);
const onUser = z.object({ UserPoolId: poolId, Username: name });

const attributesOf = (user: User, wanted?: readonly string[]) =>
  Object.entries(user.attributes)
    .filter(([Name]) => !wanted || wanted.includes(Name))
    .map(([Name, Value]) => ({ Name, Value }));

const common = (user: User) => ({
  Username: user.username,
  Enabled: user.enabled,
  UserStatus: user.status,
  UserCreateDate: epoch(user.createdAt),
  UserLastModifiedDate: epoch(user.modifiedAt),
});
const userType = (user: User, wanted?: readonly string[]) => ({
  ...common(user),
  Attributes: attributesOf(user, wanted),
});

export const userOperations = {
  AdminCreateUser: onPool(
    onUser.extend({
      UserAttributes: z.array(attribute).default([]),
      TemporaryPassword: z.string().max(256).optional(),
      MessageAction: z.enum(['RESEND', 'SUPPRESS']).optional(),
      DesiredDeliveryMediums: z.array(z.enum(['SMS', 'EMAIL'])).optional(),
      ForceAliasCreation: z.literal(false).optional(),
    }),
    async ({ pools, manage }, input) => {
      const user = await manage.create(pools.get(input.UserPoolId), {
        name: input.Username,
        attributes: input.UserAttributes,
        temporaryPassword: input.TemporaryPassword,
        messageAction: input.MessageAction,
        deliveryMediums: input.DesiredDeliveryMediums,
      });
      return { User: userType(user) };
    },
  ),
  AdminGetUser: onPool(onUser, ({ pools, users }, input) => {
    const user = users.get(pools.get(input.UserPoolId), input.Username);
    const mfa = user.totpSecret
      ? { PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA', UserMFASettingList: ['SOFTWARE_TOKEN_MFA'] }
      : {};
    return { ...common(user), UserAttributes: attributesOf(user), ...mfa };
  }),
  AdminDeleteUser: onPool(onUser, ({ pools, users }, input) => {
    users.remove(users.get(pools.get(input.UserPoolId), input.Username));
    return {};
  }),
  AdminDisableUser: onPool(onUser, ({ pools, users, manage }, input) => {
    manage.disable(users.get(pools.get(input.UserPoolId), input.Username));
    return {};
  }),
  AdminEnableUser: onPool(onUser, ({ pools, users }, input) => {
    users.setEnabled(users.get(pools.get(input.UserPoolId), input.Username), true);
    return {};
  }),
  AdminUserGlobalSignOut: onPool(onUser, ({ pools, users, manage }, input) => {
    manage.signOut(users.get(pools.get(input.UserPoolId), input.Username));
    return {};
  }),
  AdminSetUserPassword: onPool(
    onUser.extend({ Password: z.string().max(256), Permanent: z.boolean().default(false) }),
    async ({ pools, users, manage }, input) => {
      const pool = pools.get(input.UserPoolId);
      await manage.setPassword(pool, users.get(pool, input.Username), input.Password, input.Permanent);
      return {};
    },
  ),
  AdminUpdateUserAttributes: onPool(
    onUser.extend({ UserAttributes: z.array(attribute) }),
    ({ pools, users, manage }, input) => {
      const pool = pools.get(input.UserPoolId);
      if (input.UserAttributes.some(({ Name }) => Name === 'sub'))
        throw invalidParameter('Cannot modify the non-mutable attribute sub');
      manage.updateAttributes(pool, users.get(pool, input.Username), input.UserAttributes);
      return {};
    },
  ),
  ListUsers: onPool(
    z.object({
      UserPoolId: poolId,
      Filter: z.string().max(256).optional(),
      Limit: z.number().int().min(0).max(60).default(60),
      PaginationToken: z.string().optional(),
      AttributesToGet: z.array(z.string()).optional(),
    }),
    ({ pools, users }, input) => {
      const pool = pools.get(input.UserPoolId);
      const found = users.list(pool.id).filter(userFilter(pool, input.Filter));
      const { items, next } = paginate(found, input.Limit || 60, input.PaginationToken);
      return { Users: items.map((user) => userType(user, input.AttributesToGet)), PaginationToken: next };
    },
  ),
};
