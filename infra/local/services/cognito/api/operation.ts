/** How one API operation is written down: its input, what it needs to be allowed, and what it answers. */
import * as z from 'zod';
import type { Demand } from '../../../contract.ts';
import type { Core } from '../core.ts';
import { invalidParameter } from '../errors.ts';

/** An operation whose input is still unread: `prepare` parses it, and `run` acts on what was parsed. */
export interface ApiOperation {
  prepare(core: Core, name: string, input: unknown): { demands: readonly Demand[]; run(): Promise<unknown> };
}

export const poolId = z
  .string()
  .regex(/^[\w-]+_[0-9a-zA-Z]+$/)
  .max(55);
export const epoch = (milliseconds: number): number => milliseconds / 1000;

interface Definition<Input> {
  readonly input: z.ZodType<Input>;
  /** The pool whose ARN must be allowed. Absent where AWS authorizes no particular pool. */
  readonly pool?: (input: Input) => string;
  /** For the one operation that the caller proves itself by its input. */
  readonly unsigned?: true;
  readonly run: (core: Core, input: Input) => unknown;
}

function parse<Input>(schema: z.ZodType<Input>, input: unknown): Input {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(
    (issue) => `at '${issue.path.join('.')}' failed to satisfy constraint: ${issue.message}`,
  );
  throw invalidParameter(
    `${issues.length} validation error${issues.length > 1 ? 's' : ''} detected: Value ${issues.join('; Value ')}`,
  );
}

export function define<Input>({ input: schema, pool, unsigned, run }: Definition<Input>): ApiOperation {
  return {
    prepare(core, name, given) {
      const input = parse(schema, given);
      const resource = pool ? core.pools.arn(pool(input)) : '*';
      return {
        demands: unsigned ? [] : [{ action: `cognito-idp:${name}`, resource }],
        run: async () => run(core, input),
      };
    },
  };
}

/** Most operations name their pool as `UserPoolId`. */
export const onPool = <Input extends { UserPoolId: string }>(
  input: z.ZodType<Input>,
  run: (core: Core, input: Input) => unknown,
): ApiOperation => define({ input, pool: ({ UserPoolId }) => UserPoolId, run });
