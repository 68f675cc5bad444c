/** Routes of the operator, who deployed the instance and runs it. */
import * as z from 'zod';
import { idParam, nameField, pageOf, pageQuery, timeField } from '../api/fields.ts';
import { route } from '../api/route.ts';
import { apiClientWithSecret } from '../api-client/api-client.ts';
import { emailField } from '../member/member.ts';
import { idSchema } from '../platform/ids.ts';

export const ACCOUNT_STATES = ['active', 'suspended'] as const;

export const operatorAccount = z
  .object({ id: idSchema('account'), status: z.enum(ACCOUNT_STATES), createdAt: timeField })
  .meta({ id: 'OperatorAccount', description: 'What an operator sees of an account: no name, no data.' });

export const operatorRoutes = {
  listAccounts: route({
    id: 'operator.accounts.list',
    method: 'GET',
    path: '/v1/operator/accounts',
    access: 'operator',
    summary: 'List accounts: ids and states only.',
    query: pageQuery,
    output: pageOf(operatorAccount),
  }),
  openAccount: route({
    id: 'operator.accounts.open',
    method: 'POST',
    path: '/v1/operator/accounts',
    access: 'operator',
    summary:
      'Open an account and invite its owner; with `apiClient`, also a first API client with every account scope.',
    body: z
      .strictObject({
        name: nameField,
        owner: z.strictObject({ email: emailField, name: nameField }),
        apiClient: z.boolean().optional().describe('Whether to make a first API client, too.'),
      })
      .meta({
        id: 'NewAccount',
        examples: [{ name: 'Acme', owner: { email: 'owner@acme.test', name: 'Olga Owner' }, apiClient: true }],
      }),
    output: z
      .object({
        id: idSchema('account'),
        name: z.string(),
        owner: z.object({ memberId: idSchema('member'), email: z.string() }),
        apiClient: apiClientWithSecret.optional(),
      })
      .meta({ id: 'OpenedAccount' }),
    secrets: ['apiClient.clientSecret'],
  }),
  updateAccount: route({
    id: 'operator.accounts.update',
    method: 'PATCH',
    path: '/v1/operator/accounts/{id}',
    access: 'operator',
    summary: 'Suspend an account, or let it go on. Its data stays.',
    params: idParam('account'),
    body: z
      .strictObject({ status: z.enum(ACCOUNT_STATES).optional() })
      .meta({ id: 'OperatorAccountPatch', examples: [{ status: 'suspended' }] }),
    output: operatorAccount,
    problems: ['not-found'],
  }),
};
