/**
 * Rows of memberships, and the count of an account's owners beside them: written together, so that no two changes at once leave
 * an account without an owner.
 */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Role } from '../api/scopes.ts';
import { absent, type Directory, type DirectoryConflict, findSubject } from './directory.ts';
import { accountKey, accountListKey, subjectKey } from './directory-keys.ts';

interface Membership {
  readonly sub: string;
  readonly account: string;
  readonly role: Role;
}

/** Where the membership stands in what the functions below answer; the count of owners comes after it. */
const MEMBERSHIP = 0;

/** Whether a write failed because the account would have lost its last owner, and not because the role is another by now. */
export const isLastOwner = (conflict: DirectoryConflict) => !conflict.failed.includes(MEMBERSHIP);

export const findMembership = async (d: Directory, sub: string, account: string) =>
  (await findSubject(d, sub)).find((row) => row.account === account);

function countOwners(d: Directory, account: string, before: Role | undefined, after: Role | undefined) {
  const by = Number(after === 'owner') - Number(before === 'owner');
  if (by === 0) return [];
  const Update = {
    TableName: d.table,
    Key: marshall(accountKey(account)),
    UpdateExpression: 'ADD owners :by',
    ConditionExpression: by > 0 ? 'attribute_exists(pk)' : 'owners > :one',
    ExpressionAttributeValues: marshall(by > 0 ? { ':by': by } : { ':by': by, ':one': 1 }),
  };
  return [{ Update }];
}

const asItStands = (d: Directory, { sub, account, role }: Membership) => ({
  TableName: d.table,
  Key: marshall(subjectKey(sub, account)),
  ConditionExpression: '#role = :before',
  ExpressionAttributeNames: { '#role': 'role' },
  ExpressionAttributeValues: marshall({ ':before': role }),
});

/** An account begins with its owner. */
export const addAccount = (
  d: Directory,
  { account, createdAt, owner }: { account: string; createdAt: number; owner: { sub: string; member: string } },
): TransactWriteItem[] => [
  absent(d, accountKey(account), { status: 'active', createdAt, owners: 1 }),
  absent(d, accountListKey(account), { createdAt }),
  absent(d, subjectKey(owner.sub, account), { account, member: owner.member, role: 'owner' }),
];

export const addMembership = (
  d: Directory,
  { sub, account, member, role }: Membership & { member: string },
): TransactWriteItem[] => [
  absent(d, subjectKey(sub, account), { account, member, role }),
  ...countOwners(d, account, undefined, role),
];

/** From the role that the membership has to another. */
export function changeMembership(d: Directory, membership: Membership, role: Role): TransactWriteItem[] {
  const standing = asItStands(d, membership);
  const values = { ...standing.ExpressionAttributeValues, ...marshall({ ':after': role }) };
  const Update = { ...standing, UpdateExpression: 'SET #role = :after', ExpressionAttributeValues: values };
  return [{ Update }, ...countOwners(d, membership.account, membership.role, role)];
}

export const removeMembership = (d: Directory, membership: Membership): TransactWriteItem[] => [
  { Delete: asItStands(d, membership) },
  ...countOwners(d, membership.account, membership.role, undefined),
];
