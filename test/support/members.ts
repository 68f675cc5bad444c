/** Members of an account, as tests make them and look at them. */
import { randomUUID } from 'node:crypto';
import { made, type Program, program } from './api.ts';
import type { RunningHost } from './host.ts';
import { acceptInvitation, customersDoor, signIn } from './person.ts';

export type Person = ReturnType<typeof program>;

export interface Member {
  readonly id: string;
  readonly email: string;
  readonly role: string;
}

/** Of nobody whom another file has invited to the same host. */
export const newEmail = () => `person-${randomUUID()}@people.test`;

/** Whatever an application may ask for. */
export const everyScope = ({ client }: Program) => ['openid', ...client.scopes, 'custodia/operator'].join(' ');

export const invite = async (by: Pick<Program, 'post'>, role: string, email = newEmail()): Promise<Member> =>
  made(await by.post('/v1/members', { email, name: 'Pat Person', role }));

/** A member who has signed in with every scope. */
export async function join(
  { endpoints }: RunningHost,
  account: Program,
  role: string,
): Promise<Person & { member: Member }> {
  const member = await invite(account, role);
  const { access_token } = await acceptInvitation(endpoints, member.email, everyScope(account));
  return { ...program(endpoints, access_token), member };
}

export const setRole = (by: Pick<Program, 'patch'>, { id }: { id: string }, role: string) =>
  by.patch(`/v1/members/${id}`, { role }, { headers: { 'if-match': '*' } });

export const membersOf = async (account: Program): Promise<Member[]> =>
  made(await account.get('/v1/members?limit=200'), 200).items;

/** Whether the login page lets somebody in. */
export const signsIn = ({ endpoints }: RunningHost, email: string, password: string): Promise<boolean> =>
  signIn(endpoints, customersDoor(endpoints), email, password, 'openid').then(
    () => true,
    () => false,
  );
