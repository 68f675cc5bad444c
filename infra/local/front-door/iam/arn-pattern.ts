import type { Pattern, PatternOptions } from './pattern.ts';
import { compilePattern, matches } from './pattern.ts';
import type { RequestContext } from './request-context.ts';

/** `arn:partition:service:region:account:resource`: a wildcard never reaches over a colon into the next segment. */
export type ArnPattern = readonly Pattern[];

const segments = (arn: string): string[] | undefined => {
  const parts = arn.split(':');
  if (parts.length < 6 || parts[0] !== 'arn') return undefined;
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
};

/** Splits outside of `${…}`, whose keys have colons of their own (`${aws:PrincipalTag/account}`). */
function splitPattern(text: string): string[] | undefined {
  const variables: string[] = [];
  const masked = text.replace(/\$\{[^}]*\}/g, (variable) => `\u0000${variables.push(variable) - 1}\u0000`);
  const parts = segments(masked);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the mask is a character that no ARN has
  return parts?.map((part) => part.replace(/\u0000(\d+)\u0000/g, (_, index) => variables[Number(index)] ?? ''));
}

export function compileArn(text: string, options: PatternOptions): ArnPattern | undefined {
  return splitPattern(text)?.map((part) => compilePattern(part, options));
}

export function matchesArn(pattern: ArnPattern, arn: string, context: RequestContext): boolean {
  const parts = segments(arn);
  return (
    parts?.every((part, index) => {
      const expected = pattern[index];
      return expected !== undefined && matches(expected, part, context);
    }) ?? false
  );
}
