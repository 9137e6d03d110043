/** What is wrong with the form of a policy, in words: zod says where, this says what was met and what to write instead. */
import type * as z from 'zod';
import { suggestion } from './nearest.ts';
import { SuturePolicy } from './policy.ts';

export type Path = readonly (string | number)[];

export type Problem = {
  readonly path: Path;
  /** The key at the end of the path is wrong, not its value. */
  readonly key?: true;
  readonly message: string;
};

type Issue = z.core.$ZodIssue;

/** Problems of keys, types and values; none where the policy has its form. */
export function shapeProblems(given: unknown): Problem[] {
  const parsed = SuturePolicy.safeParse(given);
  return parsed.success ? [] : inWordsOfOurs(parsed.error.issues, [], given, keysOfPolicy);
}

/** Problems of parameters, in the same words. */
export const paramsProblems = (issues: readonly Issue[], at: Path, given: unknown, params: z.ZodType): Problem[] =>
  inWordsOfOurs(issues, at, given, (path) => keysAt(params, path.slice(at.length)));

type KeysAt = (path: Path) => readonly string[];
const keysOfPolicy: KeysAt = (path) => keysAt(SuturePolicy, path);

/** That nothing else is there follows from a key that does not exist: the key is said, and not what follows. */
function inWordsOfOurs(issues: readonly Issue[], at: Path, given: unknown, keys: KeysAt): Problem[] {
  const unknown = new Set(issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path.join('.')));
  return issues
    .filter(({ code, path }) => code !== 'custom' || !unknown.has(path.join('.')))
    .flatMap((issue) => problemsOf(issue, at, given, keys));
}

function problemsOf(issue: Issue, before: Path, given: unknown, keys: KeysAt): Problem[] {
  const path: Path = [...before, ...(issue.path as (string | number)[])];
  const met = valueAt(given, path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({ path: [...path, name], key: true, message: unknownKey(name, keys(path)) }));
  if (issue.code === 'invalid_union') return inWordsOfOurs(likeliest(issue.errors), path, given, keys);
  if (issue.code === 'invalid_key') return [{ path, key: true, message: wrongKey(path, issue.issues[0]!.message) }];
  return [{ path, message: `${wordsFor(met)}${expectation(issue, path, met)}` }];
}

/** The branch of a union that the author will have meant: the one that got beyond the type of the value. */
function likeliest([first, ...more]: readonly Issue[][]): readonly Issue[] {
  const isOfType = ({ code, path }: Issue) =>
    path.length > 0 || code === 'unrecognized_keys' || code === 'custom' || code === 'too_small';
  return [first!, ...more].find((issues) => issues.some(isOfType)) ?? first!;
}

function unknownKey(name: string, known: readonly string[]): string {
  return `no such key${suggestion(name, known) || `; there ${known.length > 0 ? `are ${known.join(', ')}` : 'is none'}`}`;
}

const wrongKey = (path: Path, expected: string) =>
  path.at(-2) === 'accounts' && /^\d{1,11}$/.test(String(path.at(-1)))
    ? 'has fewer than 12 digits: account ids need quotes, or YAML drops their leading zeros'
    : expected;

const wordsFor = (met: unknown): string =>
  met === undefined ? 'is missing: ' : `is ${met === '' || met === null ? 'empty' : shortened(JSON.stringify(met))}: `;

const shortened = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

function expectation(issue: Issue, path: Path, met: unknown): string {
  if (typeof met === 'number' && isText(issue, path))
    return isAccount(path)
      ? `a number; account ids need quotes: "${String(met).padStart(12, '0')}"`
      : `a number; put it in quotes: "${met}"`;
  if (issue.message.startsWith('must ')) return issue.message;
  switch (issue.code) {
    case 'invalid_value': {
      const values = issue.values.map(String);
      return `must be ${oneOf(values)}${typeof met === 'string' ? suggestion(met, values) : ''}`;
    }
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'too_small':
      if (issue.origin === 'number') return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
      return issue.origin === 'string' ? 'must not be empty' : 'must hold at least one';
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}${isCriterion(path) ? ', a list of texts, or operators' : ''}`;
    default:
      return issue.message;
  }
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

const isText = (issue: Issue, path: Path) =>
  (issue.code === 'invalid_type' && issue.expected === 'string') || isCriterion(path) || isAccount(path);
const isAccount = (path: Path) =>
  path.includes('account') || path.includes('excludedAccounts') || path.includes('accounts');
const isCriterion = (path: Path) => path.includes('criteria') && path.at(-1) !== 'criteria';

const valueAt = (given: unknown, path: Path): unknown => path.reduce((of: any, key) => of?.[key], given);

/** The keys that an object of the schema knows, at a path below it. */
function keysAt(schema: any, path: Path): readonly string[] {
  const { def } = schema;
  if (def.innerType) return keysAt(def.innerType, path);
  if (def.type === 'union') return def.options.flatMap((option: unknown) => keysAt(option, path));
  const [next, ...rest] = path;
  if (next === undefined) return def.shape ? Object.keys(def.shape) : [];
  if (def.type === 'array') return keysAt(def.element, rest);
  if (def.type === 'record') return keysAt(def.valueType, rest);
  return def.shape && Object.hasOwn(def.shape, next) ? keysAt(def.shape[next], rest) : [];
}
