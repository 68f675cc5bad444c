/** What each role of the template may do, in a form that a test can state. */
import { type Assembly, ofType } from './assembly.ts';
import { renderer } from './template-text.ts';

export interface Right {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: unknown;
}

const listOf = (value: unknown): string[] => [value].flat().map(String).toSorted();

/** Statements by the path of the role's construct, each role with all its policies. Only `Allow` is used; another effect throws. */
export function rightsOf(assembly: Assembly): Record<string, Right[]> {
  const render = renderer(assembly);
  const rights: Record<string, Right[]> = {};
  for (const role of ofType(assembly, 'AWS::IAM::Role')) {
    if (role.Properties.ManagedPolicyArns || role.Properties.Policies)
      throw new Error(`${role.path} has other policies`);
    rights[role.path] = [];
  }
  for (const policy of ofType(assembly, 'AWS::IAM::Policy')) {
    const { Roles, PolicyDocument, Users, Groups } = policy.Properties;
    if (Users || Groups) throw new Error(`${policy.path} is not of a role`);
    for (const role of render(policy.stack, Roles) as string[]) {
      for (const statement of PolicyDocument.Statement) {
        if (statement.Effect !== 'Allow' || statement.NotAction || statement.NotResource)
          throw new Error(`${policy.path} does not simply allow`);
        const conditions = render(policy.stack, statement.Condition);
        rights[role.slice(1, -1)]?.push({
          actions: listOf(statement.Action),
          resources: listOf(render(policy.stack, statement.Resource)),
          ...(conditions ? { conditions } : {}),
        });
      }
    }
  }
  return rights;
}
