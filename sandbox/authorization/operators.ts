/**
 * Condition operators of policies, each a test of one value of the request against one value of the policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { BlockList, isIP } from 'node:net';
import { matchesArn, matchesWildcard } from './wildcards.ts';

/** `pattern` may contain escaped wildcards from a policy variable's value. */
type Test = (value: string, pattern: string) => boolean;

export type ConditionOperator = {
  readonly test: Test;
  /** Such operators (StringNotEquals) hold if no value of the policy passes the test. */
  readonly negated: boolean;
  readonly ifExists: boolean;
  readonly set?: 'ForAllValues' | 'ForAnyValue';
  readonly isNull: boolean;
  /** AWS replaces policy variables in string and ARN operators only. */
  readonly takesVariables: boolean;
  /** The pattern has wildcards, so those in values of variables are escaped. */
  readonly wildcards: boolean;
};

const numeric =
  (compare: (left: number, right: number) => boolean): Test =>
  (value, pattern) =>
    isNumber(value) && isNumber(pattern) && compare(Number(value), Number(pattern));
const dated =
  (compare: (left: number, right: number) => boolean): Test =>
  (value, pattern) =>
    compare(instant(value), instant(pattern));

const equals: Test = (value, pattern) => value === pattern;
const equalsIgnoringCase: Test = (value, pattern) => value.toLowerCase() === pattern.toLowerCase();

const TESTS: Readonly<Record<string, { test: Test; not?: string }>> = {
  StringEquals: { test: equals, not: 'StringNotEquals' },
  StringEqualsIgnoreCase: { test: equalsIgnoringCase, not: 'StringNotEqualsIgnoreCase' },
  StringLike: { test: matchesWildcard, not: 'StringNotLike' },
  ArnEquals: { test: matchesArn, not: 'ArnNotEquals' },
  ArnLike: { test: matchesArn, not: 'ArnNotLike' },
  NumericEquals: { test: numeric((left, right) => left === right), not: 'NumericNotEquals' },
  NumericLessThan: { test: numeric((left, right) => left < right) },
  NumericLessThanEquals: { test: numeric((left, right) => left <= right) },
  NumericGreaterThan: { test: numeric((left, right) => left > right) },
  NumericGreaterThanEquals: { test: numeric((left, right) => left >= right) },
  DateEquals: { test: dated((left, right) => left === right), not: 'DateNotEquals' },
  DateLessThan: { test: dated((left, right) => left < right) },
  DateLessThanEquals: { test: dated((left, right) => left <= right) },
  DateGreaterThan: { test: dated((left, right) => left > right) },
  DateGreaterThanEquals: { test: dated((left, right) => left >= right) },
  Bool: { test: equalsIgnoringCase },
  BinaryEquals: { test: equals },
  IpAddress: { test: inRange, not: 'NotIpAddress' },
};

const OPERATORS = new Map<string, { test: Test; negated: boolean; name: string }>();
for (const [name, { test, not }] of Object.entries(TESTS)) {
  OPERATORS.set(name, { test, negated: false, name });
  if (not) OPERATORS.set(not, { test, negated: true, name });
}

/** Accepts set prefixes and the suffix `IfExists`. Returns undefined if AWS has no such operator. */
export function conditionOperator(name: string): ConditionOperator | undefined {
  const [, set, rest, suffix] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  if (rest === undefined) return undefined;
  const ifExists = suffix !== undefined;
  const prefix = set ? { set: set as 'ForAllValues' | 'ForAnyValue' } : {};
  if (rest === 'Null') {
    if (ifExists) return undefined;
    return { test: equals, negated: false, ifExists, ...prefix, isNull: true, takesVariables: false, wildcards: false };
  }
  const operator = OPERATORS.get(rest);
  if (!operator) return undefined;
  return {
    test: operator.test,
    negated: operator.negated,
    ifExists,
    ...prefix,
    isNull: false,
    takesVariables: /^(String|Arn)/.test(operator.name),
    wildcards: operator.test === matchesWildcard || operator.test === matchesArn,
  };
}

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

/** Accepts ISO 8601 and seconds since 1970. Returns NaN, which compares as false, for anything else. */
const instant = (text: string): number => (/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));

function inRange(address: string, range: string): boolean {
  const [network = '', prefix] = range.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(network) === 0 || isIP(address) !== isIP(network)) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  return list.check(address, family);
}
