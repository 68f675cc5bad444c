/** The functions of the template by name, with their versions and aliases, which all run the same code on the laptop. */
import { AwsError } from '../../../contract.ts';
import { type FunctionDefinition, parseFunctionReference } from './function-definition.ts';

export interface Resolved {
  readonly definition: FunctionDefinition;
  /** As it was called: with its qualifier, if it had one. */
  readonly arn: string;
}

export class FunctionRegistry {
  readonly #functions = new Map<
    string,
    { definition: FunctionDefinition; qualifiers: Set<string>; versions: number }
  >();

  put(definition: FunctionDefinition): void {
    const known = this.#functions.get(definition.name);
    this.#functions.set(definition.name, {
      definition,
      qualifiers: known?.qualifiers ?? new Set(['$LATEST']),
      versions: known?.versions ?? 0,
    });
  }

  /** Publishes the next version and answers its number. */
  publishVersion(reference: string): string {
    const entry = this.#entry(reference);
    entry.versions += 1;
    entry.qualifiers.add(String(entry.versions));
    return String(entry.versions);
  }

  putAlias(reference: string, alias: string): void {
    this.#entry(reference).qualifiers.add(alias);
  }

  /** Throws `ResourceNotFoundException` for a function, version or alias that the template doesn't have. */
  resolve(reference: string, queryQualifier?: string): Resolved {
    const qualifier = queryQualifier ?? parseFunctionReference(reference).qualifier;
    const { definition, qualifiers } = this.#entry(reference);
    const arn = qualifier ? `${definition.arn}:${qualifier}` : definition.arn;
    if (qualifier && !qualifiers.has(qualifier)) throw notFound(arn);
    return { definition, arn };
  }

  #entry(reference: string) {
    const { name } = parseFunctionReference(reference);
    const entry = this.#functions.get(name);
    if (!entry) throw notFound(reference.startsWith('arn:') ? reference : name);
    return entry;
  }
}

const notFound = (what: string) =>
  new AwsError('ResourceNotFoundException', `Function not found: ${what}`, 404, { Type: 'User' });
