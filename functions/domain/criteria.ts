/** Finds criteria of suppressions and exemptions that can never hold. Pure. */
import { suggestion } from './nearest.ts';
import { type Criteria, type Criterion, criterionHolds } from './policy.ts';
import type { PolicyPath, PolicyProblem } from './policy-shape.ts';
import { unhandledControl } from './security-hub-controls.ts';

/** https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Severity.html */
const SEVERITIES = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

type Operators = Exclude<Criterion, string | string[]>;

/** @param controls the controls of the registry: no others reach Suture */
export function criteriaProblems(criteria: Criteria, at: PolicyPath, controls: readonly string[]): PolicyProblem[] {
  const { tags, ...named } = criteria;
  return [
    ...(tags && Object.keys(tags).length === 0
      ? [{ path: [...at, 'tags'], message: 'must hold at least one tag' }]
      : []),
    ...Object.entries(tags ?? {}).flatMap(([tag, criterion]) => problemsOf(criterion, [...at, 'tags', tag], {})),
    ...Object.entries(named).flatMap(([name, criterion]) =>
      problemsOf(criterion, [...at, name], DOMAINS[name]?.(controls) ?? {}),
    ),
  ];
}

/** The possible values of a field: a list, or the forms of a whole value and of a part of one. */
type Domain = {
  readonly values?: readonly string[];
  readonly whole?: RegExp;
  readonly part?: RegExp;
  readonly expected?: string;
};

const DOMAINS: Readonly<Record<string, (controls: readonly string[]) => Domain>> = {
  control: (values) => ({ values }),
  severity: () => ({ values: SEVERITIES, expected: `must be one of ${SEVERITIES.join(', ')}` }),
  account: () => ({ whole: /^\d{12}$/, part: /^\d{1,12}$/, expected: 'must be the 12 digits of an account id' }),
  region: () => ({
    whole: /^[a-z]{2}(-[a-z]+){1,2}-\d{1,2}$/,
    part: /^[a-z0-9-]+$/,
    expected: 'must be the name of a Region, such as eu-west-1',
  }),
};

function problemsOf(criterion: Criterion, path: PolicyPath, domain: Domain): PolicyProblem[] {
  const unknown = wordsOf(criterion, path).filter((word) => !isKnown(word, domain));
  if (unknown.length > 0)
    return unknown.map(({ word, path: at, whole }) => ({
      path: at,
      message: `is "${word}": ${unknownWord(word, whole, domain, path)}`,
    }));
  const possible = domain.values ? domain.values : examplesOf(operatorsOf(criterion));
  if (possible.some((value) => criterionHolds(criterion, value))) return [];
  return [{ path, message: 'can never hold: its operators exclude each other' }];
}

function unknownWord(word: string, whole: boolean, { values = [], expected }: Domain, path: PolicyPath): string {
  if (whole && path.at(-1) === 'control') return unhandledControl(word, values);
  return `${whole ? expected : `no ${path.at(-1)} has this in it`}${suggestion(word, values)}`;
}

type Word = { readonly word: string; readonly path: PolicyPath; readonly whole: boolean };

const isKnown = ({ word, whole }: Word, { values, whole: form, part }: Domain) => {
  if (values) return whole ? values.includes(word) : values.some((value) => value.includes(word));
  return (whole ? form : part)?.test(word) ?? true;
};

function wordsOf(criterion: Criterion, path: PolicyPath): Word[] {
  const listed = (words: string | readonly string[], at: PolicyPath, whole: boolean): Word[] =>
    typeof words === 'string'
      ? [{ word: words, path: at, whole }]
      : words.map((word, n) => ({ word, path: [...at, n], whole }));
  if (typeof criterion === 'string' || Array.isArray(criterion)) return listed(criterion, path, true);
  return Object.entries(criterion).flatMap(([operator, words]) =>
    listed(words, [...path, operator], operator === 'equals' || operator === 'not'),
  );
}

const operatorsOf = (criterion: Criterion): Operators =>
  typeof criterion === 'string' || Array.isArray(criterion) ? { equals: criterion } : criterion;

/**
 * Returns values of which at least one satisfies the operators if any value does: the equal ones, or else prefixes and
 * contained parts, joined by a character that no policy names.
 */
function examplesOf({ equals, prefix = '', contains = '' }: Operators): string[] {
  if (equals !== undefined) return [equals].flat();
  const parts = [prefix].flat().flatMap((start) => [contains].flat().map((inside) => [start, inside] as const));
  return parts.flatMap(([start, inside]) => [`${start}\u0000`, `${start}\u0000${inside}\u0000`, `${start}${inside}`]);
}
