/**
 * The policy of a resource, and its statements that let everybody in: those that Allow without naming whom, and that no
 * condition limits to fixed values.
 * https://docs.aws.amazon.com/config/latest/developerguide/sqs-queue-no-public-access.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
import * as z from 'zod';

type OneOrMore = string | string[];
type Statement = {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: string | Readonly<Record<string, OneOrMore>>;
  readonly NotPrincipal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
};
export type ResourcePolicy = { readonly Statement: Statement | Statement[] };

/** AWS has checked the document. A schema of its members would change their order. */
export const ResourcePolicy = z.custom<ResourcePolicy>(
  (policy) => typeof policy === 'object' && policy !== null && 'Statement' in policy,
);

export const parseResourcePolicy = (text: string | undefined): ResourcePolicy | null =>
  text ? ResourcePolicy.parse(JSON.parse(text)) : null;

/** Lower case. A condition on one of these says who the caller is. */
const LIMITING_KEYS = new Set([
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:sourceip',
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceowner',
  'aws:sourceaccount',
  'aws:userid',
]);

/** Returns the policy without what lets everybody in. Others that the same statement names stay. */
export function withoutPublic(policy: ResourcePolicy): ResourcePolicy | null {
  const statements = asList(policy.Statement);
  if (!statements.some(isPublic)) return policy;
  const left = statements.flatMap((statement) => (isPublic(statement) ? withoutEverybody(statement) : [statement]));
  return left.length > 0 ? { ...policy, Statement: left } : null;
}

/**
 * Returns the name of a public statement that a condition limits by a pattern. AWS counts it as public, but without it
 * the callers that the pattern means would be shut out.
 */
export function patternedStatement(policy: ResourcePolicy): string | undefined {
  const index = asList(policy.Statement).findIndex(
    (statement) => isPublic(statement) && limits(statement).some(([key]) => LIMITING_KEYS.has(key)),
  );
  return index === -1 ? undefined : statementName(asList(policy.Statement)[index]!, index);
}

/** Returns for example `removed what let everybody in: statement "AnyoneSends"`. */
export function resourcePolicyChangeText(from: ResourcePolicy | null, to: ResourcePolicy | null): string {
  const statements = from ? asList(from.Statement) : [];
  const names = statements.flatMap((statement, n) => (isPublic(statement) ? statementName(statement, n) : []));
  const isClosed = !to || withoutPublic(to) === to;
  return isClosed && names.length > 0
    ? `removed what let everybody in: ${names.join(', ')}`
    : 'the policy lets everybody in again';
}

const statementName = ({ Sid }: Statement, index: number): string =>
  Sid ? `statement "${Sid}"` : `statement ${index + 1}`;

const isPublic = (statement: Statement): boolean =>
  statement.Effect === 'Allow' &&
  (statement.NotPrincipal !== undefined || namesEverybody(statement)) &&
  !limits(statement).some(([key, values]) => LIMITING_KEYS.has(key) && values.every((value) => isFixed(key, value)));

const namesEverybody = ({ Principal }: Statement): boolean =>
  Principal === '*' || (typeof Principal === 'object' && asList(Principal.AWS).includes('*'));

function withoutEverybody({ Principal, ...statement }: Statement): Statement[] {
  if (typeof Principal !== 'object') return [];
  const AWS = asList(Principal.AWS).filter((principal) => principal !== '*');
  const { AWS: _, ...others } = Principal;
  const left = AWS.length > 0 ? { ...others, AWS } : others;
  return Object.keys(left).length > 0 ? [{ ...statement, Principal: left }] : [];
}

/** Returns the keys and values of conditions that hold for these values alone. */
const limits = ({ Condition = {} }: Statement): [string, string[]][] =>
  Object.entries(Condition)
    .filter(([operator]) => !/not|ifexists|null/i.test(operator))
    .flatMap(([, keys]) => Object.entries(keys))
    .map(([key, values]) => [key.toLowerCase(), asList(values).map(String)]);

/** Fixed is a range of addresses other than /0, or a value without wildcards and variables. */
const isFixed = (key: string, value: string): boolean =>
  key === 'aws:sourceip' ? !value.endsWith('/0') : !/[*?]|\$\{/.test(value);

const asList = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
