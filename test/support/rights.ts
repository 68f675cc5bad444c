/** What each role of the template may do, and who may be it, one line for each statement: as a test states it. */
import { resourcesOf, type Synthesis } from './synthesize.ts';
import { renderer } from './template-text.ts';

const list = (value: unknown): string => [value].flat().map(String).toSorted().join(' ');

/** Only simple permissions are known here: another form throws, and so can't be overlooked. */
function line(statement: Readonly<Record<string, unknown>>): string {
  const { Sid: _, Effect, Action, Resource, Principal, Condition, ...rest } = statement;
  if (Effect !== 'Allow' || Object.keys(rest).length > 0)
    throw new Error(`Not a simple permission: ${JSON.stringify(statement)}`);
  const whom = Principal === undefined ? `on ${list(Resource)}` : `by ${JSON.stringify(Principal)}`;
  return `${list(Action)} ${whom}${Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`}`;
}

const lines = (document: unknown): string[] => Object(document).Statement.map(line);

/** By the path of the role's construct. */
export function rightsOf(synthesis: Synthesis): Record<string, string[]> {
  const { named, render } = renderer(synthesis);
  const rights: Record<string, string[]> = {};
  for (const { stack, id, Properties } of resourcesOf(synthesis, 'AWS::IAM::Role')) {
    if (Properties.ManagedPolicyArns || Properties.Policies) throw new Error(`${id} has rights of another form`);
    rights[`<${named(stack, id)}>`] = [];
  }
  for (const { stack, id, Properties } of resourcesOf(synthesis, 'AWS::IAM::Policy')) {
    if (Properties.Users || Properties.Groups) throw new Error(`${id} is not of a role`);
    for (const role of Properties.Roles) {
      rights[String(render(stack, role))]?.push(...lines(render(stack, Properties.PolicyDocument)));
    }
  }
  return Object.fromEntries(Object.entries(rights).map(([role, all]) => [role.slice(1, -1), all]));
}

/** Who may be a role, by the path of its construct. */
export function trustOf(synthesis: Synthesis): Record<string, string[]> {
  const { named, render } = renderer(synthesis);
  return Object.fromEntries(
    resourcesOf(synthesis, 'AWS::IAM::Role').map(({ stack, id, Properties }) => [
      named(stack, id),
      lines(render(stack, Properties.AssumeRolePolicyDocument)),
    ]),
  );
}
