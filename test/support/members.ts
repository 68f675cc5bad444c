/** Members of an account, as tests make them and look at them. */
import { made, type Program, program } from './api.ts';
import type { Host } from './host.ts';
import { acceptInvitation, customersDoor, signIn } from './person.ts';

export type Person = ReturnType<typeof program>;

export interface Member {
  readonly id: string;
  readonly email: string;
  readonly role: string;
}

let people = 0;
export const newEmail = () => {
  people += 1;
  return `person-${people}@people.test`;
};

/** Whatever an application may ask for. */
export const everyScope = ({ client }: Program) => ['openid', ...client.scopes, 'custodia/operator'].join(' ');

export const invite = async (by: Pick<Program, 'post'>, role: string, email = newEmail()): Promise<Member> =>
  made(await by.post('/v1/members', { email, name: 'Pat Person', role }));

/** A member who has signed in with every scope. */
export async function join({ endpoints }: Host, account: Program, role: string): Promise<Person & { member: Member }> {
  const member = await invite(account, role);
  const { access_token } = await acceptInvitation(endpoints, member.email, everyScope(account));
  return { ...program(endpoints, access_token), member };
}

export const setRole = (by: Pick<Program, 'patch'>, { id }: { id: string }, role: string) =>
  by.patch(`/v1/members/${id}`, { role }, { headers: { 'if-match': '*' } });

export const membersOf = async (account: Program): Promise<Member[]> =>
  made(await account.get('/v1/members?limit=200'), 200).items;

/** Whether the login page lets somebody in. */
export const signsIn = ({ endpoints }: Host, email: string, password: string): Promise<boolean> =>
  signIn(endpoints, customersDoor(endpoints), email, password, 'openid').then(
    () => true,
    () => false,
  );
