/** Members as an archive holds them, a line each: who has access, for the record. None is made by an import: access is given by hand. */
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime } from '../platform/clock.ts';
import { everyPage } from '../platform/every-page.ts';
import { member } from './member.ts';
import { members } from './member-store.ts';

export const memberDocument = z.strictObject(member.shape);
export type MemberDocument = z.output<typeof memberDocument>;

const PAGE = 200;

/** Those that were there before `before`, epoch ms. */
export async function* archivedMembers(session: AccountSession, before: number): AsyncGenerator<MemberDocument> {
  for await (const { plain, sealed, createdAt, updatedAt } of everyPage((after) =>
    members.page(session, { limit: PAGE, after }),
  )) {
    if (createdAt >= before) continue;
    const { id, role } = plain;
    yield { id, ...sealed, role, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) };
  }
}
