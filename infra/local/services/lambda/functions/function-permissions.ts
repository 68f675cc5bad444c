/** Functions' resource policies: the statements that `AWS::Lambda::Permission` adds, by the exact ARN they stand on. */
import type { PolicyDocument, PolicyStatement } from '../../../contract.ts';

export interface FunctionPermission {
  /** Of the template: the same at every boot. */
  readonly id: string;
  readonly functionArn: string;
  readonly action: string;
  /** A service (`apigateway.amazonaws.com`), an account id, or an ARN. */
  readonly principal: string;
  readonly sourceArn?: string | undefined;
  readonly sourceAccount?: string | undefined;
}

export class FunctionPermissions {
  readonly #statements = new Map<string, Map<string, PolicyStatement>>();
  readonly #documents = new Map<string, readonly PolicyDocument[]>();

  put(permission: FunctionPermission): void {
    const { functionArn } = permission;
    const statements = this.#statements.get(functionArn) ?? new Map<string, PolicyStatement>();
    statements.set(permission.id, statementOf(permission));
    this.#statements.set(functionArn, statements);
    this.#documents.set(functionArn, [{ Version: '2012-10-17', Statement: [...statements.values()] }]);
  }

  /** The same object until a permission is added: whoever evaluates policies reads each document once. */
  on(functionArn: string): readonly PolicyDocument[] {
    return this.#documents.get(functionArn) ?? [];
  }
}

function statementOf({
  id,
  functionArn,
  action,
  principal,
  sourceArn,
  sourceAccount,
}: FunctionPermission): PolicyStatement {
  const conditions = {
    ...(sourceArn ? { ArnLike: { 'AWS:SourceArn': sourceArn } } : {}),
    ...(sourceAccount ? { StringEquals: { 'AWS:SourceAccount': sourceAccount } } : {}),
  };
  return {
    Sid: id,
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { [/\.amazonaws\.com$/.test(principal) ? 'Service' : 'AWS']: principal },
    Action: action,
    Resource: functionArn,
    ...(Object.keys(conditions).length > 0 ? { Condition: conditions } : {}),
  };
}
