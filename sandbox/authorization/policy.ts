/**
 * Parses policy documents and checks their form.
 * Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { AwsError } from '../kernel/aws-error.ts';
import type { IamPolicy, OneOrMore } from '../kernel/iam-policy.ts';
import { conditionOperator } from './operators.ts';

export type { ConditionElement, IamPolicy, IamStatement, OneOrMore, PrincipalElement } from '../kernel/iam-policy.ts';

/**
 * The use decides a document's elements: `identity` (also boundaries, session policies and SCPs) has resources and no
 * principal, `resource` has a principal, `trust` (of a role) has a principal and no resource.
 */
export type PolicyUse = 'identity' | 'resource' | 'trust';

const DOCUMENT_ELEMENTS = new Set(['Version', 'Id', 'Statement']);
const STATEMENT_ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);
const PRINCIPAL_TYPES = new Set(['AWS', 'Service', 'Federated', 'CanonicalUser']);
const VERSIONS = new Set(['2012-10-17', '2008-10-17']);

export const asList = <T>(value: OneOrMore<T> | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

/**
 * Parses a document. Stricter than AWS in one respect: policy variables are an error under a version that treats them
 * as plain text.
 * @param code for a service with its own error for a malformed policy
 * @throws AwsError MalformedPolicyDocument with the problem
 */
export function parseIamPolicy(text: string | IamPolicy, use: PolicyUse, code = 'MalformedPolicyDocument'): IamPolicy {
  const known = typeof text === 'string' ? PARSED_POLICIES.get(`${use} ${text}`) : undefined;
  if (known) return known;
  const wrong: Wrong = (message) => {
    throw new AwsError(code, message, 400);
  };
  const document = typeof text === 'string' ? parseJson(text, wrong) : text;
  if (!isRecord(document)) wrong('Syntax errors in policy.');
  for (const element of Object.keys(document)) {
    if (!DOCUMENT_ELEMENTS.has(element)) wrong(`Unknown element in policy: ${element}`);
  }
  if (document.Version !== undefined && !VERSIONS.has(document.Version as string)) {
    wrong(`The policy's Version must be 2012-10-17 or 2008-10-17: ${document.Version}`);
  }
  const statements = asList(document.Statement as OneOrMore<unknown>);
  if (statements.length === 0 && use !== 'resource') wrong('Syntax errors in policy: Statement is missing or empty.');
  const sids = new Set<string>();
  for (const statement of statements) {
    if (!isRecord(statement)) wrong('Syntax errors in policy: a statement must be an object.');
    checkStatement(statement, use, wrong);
    const sid = statement.Sid as string | undefined;
    if (sid && sids.has(sid)) wrong(`Statement IDs (SID) in a single policy must be unique: ${sid}`);
    if (sid) sids.add(sid);
    if (document.Version !== '2012-10-17' && usesVariables(statement)) {
      wrong('Policy variables need Version 2012-10-17; without it they are plain text.');
    }
  }
  if (typeof text === 'string') PARSED_POLICIES.set(`${use} ${text}`, document as IamPolicy);
  return document as IamPolicy;
}

/** By use and text. Equal texts share one document, which is compiled once. */
const PARSED_POLICIES = new Map<string, IamPolicy>();

type Wrong = (message: string) => never;

function checkStatement(statement: Record<string, unknown>, use: PolicyUse, wrong: Wrong): void {
  for (const element of Object.keys(statement)) {
    if (!STATEMENT_ELEMENTS.has(element)) wrong(`Unknown element in statement: ${element}`);
  }
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') wrong(`Invalid effect: ${statement.Effect}`);
  if (statement.Sid !== undefined && typeof statement.Sid !== 'string') wrong('Sid must be a string.');
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html: services other than IAM may take more.
  if (use !== 'resource' && /[^0-9A-Za-z]/.test((statement.Sid as string | undefined) ?? ''))
    wrong(
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    );
  checkOneOf(statement, 'Action', 'NotAction', wrong);
  for (const action of asList((statement.Action ?? statement.NotAction) as OneOrMore<string>)) {
    if (action !== '*' && !/^[\w-]+:[\w*?]+$/.test(action)) {
      wrong(`Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: ${action}`);
    }
  }
  checkPrincipal(statement, use, wrong);
  checkResource(statement, use, wrong);
  if (statement.Condition !== undefined) checkCondition(statement.Condition, wrong);
}

function checkOneOf(statement: Record<string, unknown>, element: string, opposite: string, wrong: Wrong): void {
  const has = [element, opposite].filter((name) => statement[name] !== undefined);
  if (has.length === 0) wrong(`Missing required field ${element}`);
  if (has.length === 2) wrong(`A statement must not have both ${element} and ${opposite}`);
  const values = asList(statement[has[0]!] as OneOrMore<unknown>);
  if (values.length === 0 || values.some((value) => typeof value !== 'string')) {
    wrong(`${has[0]} must be a string or a list of strings`);
  }
}

function checkPrincipal(statement: Record<string, unknown>, use: PolicyUse, wrong: Wrong): void {
  const principal = statement.Principal ?? statement.NotPrincipal;
  if (use === 'identity') {
    if (principal !== undefined) wrong('Policy document should not specify a principal.');
    return;
  }
  if (principal === undefined) wrong('Missing required field Principal');
  if (statement.Principal !== undefined && statement.NotPrincipal !== undefined) {
    wrong('A statement must not have both Principal and NotPrincipal');
  }
  if (use === 'trust' && statement.NotPrincipal !== undefined && statement.Effect === 'Allow') {
    wrong('Allow with NotPrincipal is not allowed.');
  }
  if (principal === '*') return;
  if (!isRecord(principal)) wrong(`Invalid principal in policy: ${JSON.stringify(principal)}`);
  for (const [type, values] of Object.entries(principal)) {
    for (const value of asList(values as OneOrMore<unknown>)) {
      const partialWildcard = type === 'AWS' && value !== '*' && /[*?]/.test(String(value));
      if (!PRINCIPAL_TYPES.has(type) || typeof value !== 'string' || partialWildcard) {
        wrong(`Invalid principal in policy: "${type}":"${value}"`);
      }
    }
  }
}

function checkResource(statement: Record<string, unknown>, use: PolicyUse, wrong: Wrong): void {
  if (use === 'trust') {
    if (statement.Resource !== undefined || statement.NotResource !== undefined) wrong('Has prohibited field Resource');
    return;
  }
  checkOneOf(statement, 'Resource', 'NotResource', wrong);
  for (const resource of asList((statement.Resource ?? statement.NotResource) as OneOrMore<string>)) {
    if (resource !== '*' && !/^arn:([^:]*:){4}./.test(resource)) {
      wrong(`Resource ${resource} must be in ARN format or "*".`);
    }
  }
}

function checkCondition(condition: unknown, wrong: Wrong): void {
  if (!isRecord(condition)) wrong('Condition must be an object of operators.');
  for (const [operator, tests] of Object.entries(condition)) {
    if (!conditionOperator(operator)) wrong(`Invalid Condition type : ${operator}`);
    if (!isRecord(tests)) wrong(`Condition operator ${operator} must hold condition keys with their values.`);
    for (const [key, values] of Object.entries(tests)) {
      if (!/^[\w-]+:./.test(key))
        wrong(`Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: ${key}`);
      for (const value of asList(values as OneOrMore<unknown>)) {
        if (!['string', 'number', 'boolean'].includes(typeof value)) wrong(`Invalid value of condition key ${key}`);
      }
    }
  }
}

const usesVariables = (statement: Record<string, unknown>): boolean =>
  /\$\{/.test(JSON.stringify([statement.Resource, statement.NotResource, statement.Condition]));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseJson(text: string, wrong: Wrong): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return wrong('Syntax errors in policy.');
  }
}
