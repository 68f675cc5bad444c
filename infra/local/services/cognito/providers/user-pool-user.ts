import * as z from 'zod';
import type { ResourceProvider } from '../../../contract.ts';
import type { Core } from '../core.ts';
import { nameOf, parseProperties } from './parse.ts';

const schema = z.object({
  UserPoolId: z.string(),
  Username: z.string().min(1).max(128),
  UserAttributes: z.array(z.object({ Name: z.string(), Value: z.string().optional() })).default([]),
  DesiredDeliveryMediums: z.array(z.enum(['SMS', 'EMAIL'])).optional(),
  MessageAction: z.literal('SUPPRESS').optional(),
});
const row = z.object({ pool: z.string(), name: z.string(), username: z.string() });

/**
 * Created and invited once: a person who was deleted since stays deleted, as CloudFormation wouldn't notice either. All
 * properties replace the user there, so another name or pool makes a new user here and removes the old one.
 */
export const userPoolUserProvider = ({ db, pools, users, manage }: Core): ResourceProvider => ({
  type: 'AWS::Cognito::UserPoolUser',
  honoured: {
    UserPoolId: 'the pool',
    Username: 'created once; another name replaces the user',
    UserAttributes: 'at creation',
    DesiredDeliveryMediums: 'an invitation is sent if it holds EMAIL; the default is SMS, which is not sent',
    MessageAction: 'SUPPRESS: no invitation',
  },
  ignored: {},
  async create(resource) {
    const input = parseProperties(resource, schema);
    const name = nameOf(resource);
    const pool = pools.get(input.UserPoolId);
    const known = row.safeParse(db.prepare('SELECT * FROM template_users WHERE resource = ?').get(name)).data;
    if (known?.pool === pool.id && known.name === input.Username) return { ref: known.username, attributes: {} };
    const replaced = known && users.byUsername(known.pool, known.username);
    // Found without a note of it: the host was killed between creating and noting, so the invitation may be missing.
    const half = users.find(pool, input.Username)?.status === 'FORCE_CHANGE_PASSWORD';
    const user = await manage.create(pool, {
      name: input.Username,
      attributes: input.UserAttributes,
      deliveryMediums: input.DesiredDeliveryMediums,
      messageAction: half && input.MessageAction === undefined ? 'RESEND' : input.MessageAction,
    });
    db.prepare(
      `INSERT INTO template_users (resource, pool, name, username) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT (resource) DO UPDATE SET pool = ?2, name = ?3, username = ?4`,
    ).run(name, pool.id, input.Username, user.username);
    if (replaced && replaced.username !== user.username) users.remove(replaced);
    return { ref: user.username, attributes: {} };
  },
});
