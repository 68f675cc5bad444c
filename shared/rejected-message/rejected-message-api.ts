/** Routes of rejected messages. */
import { pageOf, pageQuery } from '../api/fields.ts';
import { route } from '../api/route.ts';
import { rejectedMessage } from './rejected-message.ts';

export const rejectedMessageRoutes = {
  list: route({
    id: 'rejected-messages.list',
    method: 'GET',
    path: '/v1/rejected-messages',
    access: 'rejected-messages.read',
    summary: 'What could not be stored, newest first, kept 7 days.',
    query: pageQuery,
    output: pageOf(rejectedMessage),
  }),
};
