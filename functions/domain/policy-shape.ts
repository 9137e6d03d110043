/** Problems of a policy's form: zod says where, this module adds the value and the remedy. */
import type * as z from 'zod';
import { suggestion } from './nearest.ts';
import { SuturePolicy } from './policy.ts';

export type PolicyPath = readonly (string | number)[];

export type PolicyProblem = {
  readonly path: PolicyPath;
  /** The key at the end of the path is wrong, not its value. */
  readonly key?: true;
  readonly message: string;
};

type Issue = z.core.$ZodIssue;

export function shapeProblems(document: unknown): PolicyProblem[] {
  const parsed = SuturePolicy.safeParse(document);
  return parsed.success ? [] : problemsOfIssues(parsed.error.issues, [], document, keysOfPolicy);
}

export const paramsProblems = (
  issues: readonly Issue[],
  at: PolicyPath,
  document: unknown,
  params: z.ZodType,
): PolicyProblem[] => problemsOfIssues(issues, at, document, (path) => keysAt(params, path.slice(at.length)));

type KeysAt = (path: PolicyPath) => readonly string[];
const keysOfPolicy: KeysAt = (path) => keysAt(SuturePolicy, path);

/** Drops issues of refinements that follow from an unknown key. */
function problemsOfIssues(issues: readonly Issue[], at: PolicyPath, document: unknown, keys: KeysAt): PolicyProblem[] {
  const unknown = new Set(issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path.join('.')));
  return issues
    .filter(({ code, path }) => code !== 'custom' || !unknown.has(path.join('.')))
    .flatMap((issue) => problemsOf(issue, at, document, keys));
}

function problemsOf(issue: Issue, before: PolicyPath, document: unknown, keys: KeysAt): PolicyProblem[] {
  const path: PolicyPath = [...before, ...(issue.path as (string | number)[])];
  const value = valueAt(document, path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({ path: [...path, name], key: true, message: unknownKey(name, keys(path)) }));
  if (issue.code === 'invalid_union')
    return problemsOfIssues(issuesOfLikeliestBranch(issue.errors), path, document, keys);
  if (issue.code === 'invalid_key') return [{ path, key: true, message: wrongKey(path, issue.issues[0]!.message) }];
  return [{ path, message: `${describeValue(value)}${expectation(issue, path, value)}` }];
}

/** Returns the issues of the branch that the author probably meant: the one whose type fits the value. */
function issuesOfLikeliestBranch([first, ...more]: readonly Issue[][]): readonly Issue[] {
  const isOfType = ({ code, path }: Issue) =>
    path.length > 0 || code === 'unrecognized_keys' || code === 'custom' || code === 'too_small';
  return [first!, ...more].find((issues) => issues.some(isOfType)) ?? first!;
}

function unknownKey(name: string, known: readonly string[]): string {
  return `no such key${suggestion(name, known) || `; there ${known.length > 0 ? `are ${known.join(', ')}` : 'is none'}`}`;
}

const wrongKey = (path: PolicyPath, expected: string) =>
  path.at(-2) === 'accounts' && /^\d{1,11}$/.test(String(path.at(-1)))
    ? 'has fewer than 12 digits: account ids need quotes, or YAML drops their leading zeros'
    : expected;

const describeValue = (value: unknown): string =>
  value === undefined
    ? 'is missing: '
    : `is ${value === '' || value === null ? 'empty' : shortened(JSON.stringify(value))}: `;

const shortened = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

function expectation(issue: Issue, path: PolicyPath, value: unknown): string {
  if (typeof value === 'number' && isText(issue, path))
    return isAccount(path)
      ? `a number; account ids need quotes: "${String(value).padStart(12, '0')}"`
      : `a number; put it in quotes: "${value}"`;
  if (issue.message.startsWith('must ')) return issue.message;
  switch (issue.code) {
    case 'invalid_value': {
      const values = issue.values.map(String);
      return `must be ${oneOf(values)}${typeof value === 'string' ? suggestion(value, values) : ''}`;
    }
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'too_small':
      if (issue.origin === 'number') return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
      return issue.origin === 'string' ? 'must not be empty' : 'must hold at least one';
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}${isCriterion(path) ? ', a list of texts, or operators' : ''}${colonHint(issue.expected, value)}`;
    default:
      return issue.message;
  }
}

/** YAML takes a line without its colon for a text. */
function colonHint(expected: string, value: unknown): string {
  const [, key] = (typeof value === 'string' && /^(\S+)(?: .+)?$/.exec(value)) || [];
  return (expected === 'object' || expected === 'record') && key !== undefined
    ? `; is a colon missing after "${shortened(key)}"?`
    : '';
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
};

const oneOf = (values: readonly string[]) =>
  values.length === 1 ? values[0]! : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;

const isText = (issue: Issue, path: PolicyPath) =>
  (issue.code === 'invalid_type' && issue.expected === 'string') || isCriterion(path) || isAccount(path);
const isAccount = (path: PolicyPath) =>
  path.includes('account') || path.includes('excludedAccounts') || path.includes('accounts');
const isCriterion = (path: PolicyPath) => path.includes('criteria') && path.at(-1) !== 'criteria';

const valueAt = (document: unknown, path: PolicyPath): unknown => path.reduce((of: any, key) => of?.[key], document);

function keysAt(schema: any, path: PolicyPath): readonly string[] {
  const { def } = schema;
  if (def.innerType) return keysAt(def.innerType, path);
  if (def.type === 'union') return def.options.flatMap((option: unknown) => keysAt(option, path));
  const [next, ...rest] = path;
  if (next === undefined) return def.shape ? Object.keys(def.shape) : [];
  if (def.type === 'array') return keysAt(def.element, rest);
  if (def.type === 'record') return keysAt(def.valueType, rest);
  return def.shape && Object.hasOwn(def.shape, next) ? keysAt(def.shape[next], rest) : [];
}
