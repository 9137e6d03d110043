/**
 * The canonical form of a role, and the difference of two: by meaning, not by text. Order, the account's own number,
 * Sids, the case of actions and of condition keys, and whether one value is a list do not count. The numbers of other
 * accounts do.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */

export type RolePolicyShape = {
  readonly arn: string;
  /** Absent for a policy of AWS, which is the same in every account. */
  readonly document?: unknown;
};

/** Documents are parsed JSON. Their origin is IAM or the registry. */
export type RoleShape = {
  readonly arn: string;
  readonly maxSessionSeconds: number;
  readonly trust: unknown;
  readonly boundary?: RolePolicyShape | undefined;
  readonly attached: readonly RolePolicyShape[];
  /** By name. */
  readonly inline: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>>;
};

/** Lines by the key under which they are compared. */
type Lines = ReadonlyMap<string, string>;
/** By name: `role`, `trust`, `boundary`, and one for each policy. */
type Sections = ReadonlyMap<string, Lines>;

/**
 * Returns a line for everything that only one of the roles has: `- ` of the expected one, `+ ` of the actual one. A
 * policy that only one of them has is one line.
 */
export function roleDifference(expected: RoleShape, actual: RoleShape): string[] {
  const [before, after] = [sectionsOf(expected), sectionsOf(actual)];
  return [...before].flatMap(([name, lines]) => {
    const others = after.get(name);
    return others ? lineDifference(name, lines, others) : [];
  });
}

function lineDifference(section: string, before: Lines, after: Lines): string[] {
  const only = (sign: string, lines: Lines, others: Lines) =>
    [...lines].filter(([key]) => !others.has(key)).map(([key, text]) => ({ key, line: `${sign} ${section}: ${text}` }));
  return [...only('-', before, after), ...only('+', after, before)]
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ line }) => line);
}

function sectionsOf(shape: RoleShape): Sections {
  const account = shape.arn.split(':')[4]!;
  const own = (text: string) => text.replace(new RegExp(`(?<!\\d)${account}(?!\\d)`, 'g'), '{account}');
  const partition = shape.arn.split(':')[1]!;
  const documents = (name: string, document: unknown): [string, Lines][] =>
    document === undefined ? [] : [[own(name), documentLines(document, partition, own)]];
  return new Map([
    ['role', linesOf(roleFacts(shape).map(own))],
    ...documents('trust', shape.trust),
    ...documents('boundary', shape.boundary?.document),
    ...shape.attached.flatMap(({ arn, document }) => documents(`policy ${nameIn(arn)}`, document)),
    ...Object.entries(shape.inline).flatMap(([name, document]) => documents(`inline policy ${name}`, document)),
  ]);
}

const roleFacts = ({ arn, maxSessionSeconds, boundary, attached, inline, tags }: RoleShape): string[] => [
  `is ${nameIn(arn)}`,
  `has sessions of ${maxSessionSeconds} seconds at most`,
  boundary ? `has the boundary ${boundary.arn}` : 'has no boundary',
  ...attached.map((policy) => `has the policy ${policy.arn}`),
  ...Object.keys(inline).map((name) => `has the inline policy ${name}`),
  // Only AWS sets those that begin with aws:.
  ...Object.entries(tags)
    .filter(([key]) => !key.startsWith('aws:'))
    .map(([key, value]) => `has the tag ${key} = ${value}`),
];

/** `role/suture/suture-member` without its type: `/suture/suture-member`. */
const nameIn = (arn: string) => arn.slice(arn.indexOf('/'));

const linesOf = (texts: readonly string[]): Lines => new Map(texts.map((text) => [text, text]));

type Statement = Readonly<Record<string, unknown>>;

/** A statement with n actions on m resources says n × m things, which other statements may say as well. */
function documentLines(document: unknown, partition: string, own: (text: string) => string): Lines {
  const { Version = '2008-10-17', Statement = [] } = document as { Version?: string; Statement?: unknown };
  const version = `has the version ${Version}`;
  const lines = ([Statement].flat() as Statement[]).flatMap((each) => statementLines(each, partition, own));
  return new Map([[version, version], ...lines]);
}

function statementLines(statement: Statement, partition: string, own: (text: string) => string): [string, string][] {
  const { Effect } = statement;
  const principals = principalsIn(statement, partition).map(own);
  const resources = partsIn(statement, 'Resource', 'on').map(own);
  const condition = conditionIn(statement.Condition, own);
  return partsIn(statement, 'Action', '').flatMap((action) =>
    principals.flatMap((principal) =>
      resources.map((resource): [string, string] => {
        const rest = [principal, resource, condition.text].filter(Boolean).join(' ');
        const key = [Effect, action.toLowerCase(), principal, resource, condition.key].join(' ');
        return [key, [Effect, action, rest].filter(Boolean).join(' ')];
      }),
    ),
  );
}

/** A negated element means all of its values together, so that it stays one part. */
function partsIn(statement: Statement, element: 'Action' | 'Resource', word: string): string[] {
  const negated = statement[`Not${element}`];
  const before = word && `${word} `;
  if (negated !== undefined) return [`${before}all but ${valuesIn(negated).join(', ')}`];
  if (statement[element] === undefined) return [''];
  return valuesIn(statement[element]).map((value) => `${before}${value}`);
}

function principalsIn({ Principal, NotPrincipal }: Statement, partition: string): string[] {
  const named = (principal: unknown) =>
    typeof principal === 'string'
      ? [`AWS ${principal}`]
      : Object.entries(principal as object).flatMap(([type, values]) =>
          valuesIn(values).map((value) => `${type} ${accountRoot(value, partition)}`),
        );
  if (NotPrincipal !== undefined) return [`by all but ${named(NotPrincipal).sort().join(', ')}`];
  return Principal === undefined ? [''] : named(Principal).map((each) => `by ${each}`);
}

/** Account numbers as principals mean the account's root. */
const accountRoot = (value: string, partition: string) =>
  /^\d{12}$/.test(value) ? `arn:${partition}:iam::${value}:root` : value;

function conditionIn(
  condition: unknown,
  own: (text: string) => string,
): { readonly key: string; readonly text: string } {
  const parts = Object.entries((condition ?? {}) as Record<string, Record<string, unknown>>).flatMap(
    ([operator, values]) =>
      Object.entries(values).map(([key, value]) => ({
        key: `${operator} ${key}`.toLowerCase(),
        text: `${operator} ${key}`,
        values: own(valuesIn(value).join(' | ')),
      })),
  );
  if (parts.length === 0) return { key: '', text: '' };
  const sorted = parts.sort((a, b) => (a.key < b.key ? -1 : 1));
  const shown = (name: 'key' | 'text') => sorted.map((part) => `${part[name]} = ${part.values}`).join(' and ');
  return { key: `if ${shown('key')}`, text: `if ${shown('text')}` };
}

/** Sorted, without repetitions. IAM takes numbers and truth values in place of text. */
const valuesIn = (value: unknown): string[] => [...new Set([value].flat().map(String))].sort();
