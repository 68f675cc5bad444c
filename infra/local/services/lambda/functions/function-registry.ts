/** The functions of the template by name, with their versions and aliases, which all run the same code on the laptop. */
import { AwsError } from '../../../contract.ts';
import { type FunctionDefinition, parseFunctionReference } from './function-definition.ts';

export interface Resolved {
  readonly definition: FunctionDefinition;
  /** As it was called: with its qualifier, if it had one. */
  readonly arn: string;
  readonly qualifier: string | undefined;
  /** What the qualifier stands for: a number, or `$LATEST`. */
  readonly version: string;
}

const LATEST = '$LATEST';

export class FunctionRegistry {
  readonly #functions = new Map<
    string,
    /** `qualifiers`: the version of each. */
    { definition: FunctionDefinition; qualifiers: Map<string, string>; versions: number }
  >();

  put(definition: FunctionDefinition): void {
    const known = this.#functions.get(definition.name);
    this.#functions.set(definition.name, {
      definition,
      qualifiers: known?.qualifiers ?? new Map([[LATEST, LATEST]]),
      versions: known?.versions ?? 0,
    });
  }

  /** Publishes the next version and answers its number. */
  publishVersion(reference: string): string {
    const entry = this.#entry(reference);
    entry.versions += 1;
    const version = String(entry.versions);
    entry.qualifiers.set(version, version);
    return version;
  }

  putAlias(reference: string, alias: string, version: string): void {
    this.#entry(reference).qualifiers.set(alias, version);
  }

  /** Throws `ResourceNotFoundException` for a function, version or alias that the template doesn't have. */
  resolve(reference: string, queryQualifier?: string): Resolved {
    const qualifier = queryQualifier ?? parseFunctionReference(reference).qualifier;
    const { definition, qualifiers } = this.#entry(reference);
    const arn = qualifier ? `${definition.arn}:${qualifier}` : definition.arn;
    const version = qualifiers.get(qualifier ?? LATEST);
    if (version === undefined) throw notFound(arn);
    return { definition, arn, qualifier, version };
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
