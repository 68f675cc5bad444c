/** The comparisons that condition operators are made of. A test takes the request's value and the context's variables. */
import { BlockList, isIP } from 'node:net';
import { compileArn, matchesArn } from './arn-pattern.ts';
import { compilePattern, matches } from './pattern.ts';
import type { RequestContext } from './request-context.ts';

export type ValueTest = (value: string, context: RequestContext) => boolean;
type Compile = (expected: string, variables: boolean) => ValueTest;

const like =
  (wildcards: boolean): Compile =>
  (expected, variables) => {
    const pattern = compilePattern(expected, { wildcards, variables });
    return (value, context) => matches(pattern, value, context);
  };

const equalsIgnoringCase: Compile = (expected, variables) => {
  // Lower-casing the pattern is safe: names of variables are case-insensitive. Their values are lower-cased by hand.
  const pattern = compilePattern(expected.toLowerCase(), { wildcards: false, variables });
  return (value, context) => {
    const lowered = { get: (key: string) => context.get(key)?.map((item) => item.toLowerCase()) };
    return matches(pattern, value.toLowerCase(), lowered);
  };
};

const arn: Compile = (expected, variables) => {
  if (expected === '*') return () => true;
  const pattern = compileArn(expected, { wildcards: true, variables });
  if (!pattern) throw new Error(`"${expected}" is not an ARN`);
  return (value, context) => matchesArn(pattern, value, context);
};

const compare =
  (parse: (text: string) => number, holds: (value: number, expected: number) => boolean): Compile =>
  (expected) => {
    const limit = parse(expected);
    if (Number.isNaN(limit)) throw new Error(`"${expected}" is not a number or date`);
    return (value) => holds(parse(value), limit);
  };

const number = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));
/** ISO 8601, or seconds since 1970. */
const date = (text: string): number => (/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const bool: Compile = (expected) => {
  const wanted = expected.toLowerCase();
  if (wanted !== 'true' && wanted !== 'false') throw new Error(`"${expected}" is neither true nor false`);
  return (value) => value.toLowerCase() === wanted;
};

const ipAddress: Compile = (expected) => {
  const [address = '', prefix] = expected.split('/');
  const version = isIP(address);
  if (version === 0) throw new Error(`"${expected}" is not an IP address or range`);
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const range = new BlockList();
  range.addSubnet(address, prefix === undefined ? (version === 6 ? 128 : 32) : Number(prefix), family);
  return (value) => isIP(value) === version && range.check(value, family);
};

const binary: Compile = (expected) => (value) => value === expected;

const POSITIVE: Readonly<Record<string, Compile>> = {
  StringEquals: like(false),
  StringEqualsIgnoreCase: equalsIgnoringCase,
  StringLike: like(true),
  NumericEquals: compare(number, (a, b) => a === b),
  NumericLessThan: compare(number, (a, b) => a < b),
  NumericLessThanEquals: compare(number, (a, b) => a <= b),
  NumericGreaterThan: compare(number, (a, b) => a > b),
  NumericGreaterThanEquals: compare(number, (a, b) => a >= b),
  DateEquals: compare(date, (a, b) => a === b),
  DateLessThan: compare(date, (a, b) => a < b),
  DateLessThanEquals: compare(date, (a, b) => a <= b),
  DateGreaterThan: compare(date, (a, b) => a > b),
  DateGreaterThanEquals: compare(date, (a, b) => a >= b),
  Bool: bool,
  BinaryEquals: binary,
  IpAddress: ipAddress,
  ArnLike: arn,
  ArnEquals: arn,
};

const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
  ArnNotLike: 'ArnLike',
  ArnNotEquals: 'ArnEquals',
};

export interface Operator {
  readonly negated: boolean;
  readonly compile: Compile;
}

export function findOperator(name: string): Operator | undefined {
  const positive = Object.hasOwn(NEGATED, name) ? NEGATED[name] : name;
  const compile = positive !== undefined && Object.hasOwn(POSITIVE, positive) ? POSITIVE[positive] : undefined;
  return compile && { negated: positive !== name, compile };
}
