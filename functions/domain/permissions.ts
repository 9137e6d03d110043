/** Permissions derived from the registry: the member role's policies and the policies of each session. */
import type { Permission, Place, Remediation, TargetFields } from '../contract/remediation.ts';

export type PolicyStatement = {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
};
export type PolicyDocument = { readonly Version: '2012-10-17'; readonly Statement: readonly PolicyStatement[] };

/**
 * Ties a session to its remediation. The execution role has this tag, and the trust policy requires it of every
 * session.
 */
export const REMEDIATION_TAG = 'suture:remediation';
/**
 * Has the value of the remediation tag. Only execution roles of rollbacks may request it; `undoes` apply only to
 * sessions with it.
 */
export const ROLLBACK_TAG = 'suture:rollback';
/** Session tags that name the finding and the execution, for CloudTrail. */
export const FINDING_TAG = 'suture:finding';
export const EXECUTION_TAG = 'suture:execution';

/** IAM's quota for a managed policy, without white space. */
export const MANAGED_POLICY_LIMIT = 6144;
/** AWS takes 2,048 characters, packed together with the tags. */
export const SESSION_POLICY_LIMIT = 1600;

const NAMES_ONE_THING = /^[\w.+=,@/:#-]+$/;

/**
 * Returns the policies of a member role, each filled up to the quota. A remediation's statements apply only to sessions
 * with its tag, `others` to all.
 */
export function memberRolePolicies(
  remediations: readonly Remediation[],
  others: readonly PolicyStatement[] = [],
): PolicyDocument[] {
  const policies: PolicyStatement[][] = [[]];
  for (const statement of [...sharedStatements(remediations.flatMap(roleStatements)), ...others]) {
    const last = policies.at(-1)!;
    if (lengthOf([...last, statement]) <= MANAGED_POLICY_LIMIT) last.push(statement);
    else policies.push([statement]);
  }
  return policies.filter(({ length }) => length > 0).map(document);
}

/** Statements that differ in their tag alone become one, whose condition lists the tags. */
function sharedStatements(statements: readonly PolicyStatement[]): PolicyStatement[] {
  const groups = Map.groupBy(statements, ({ Action, Resource, Condition }) => {
    const [[tag], ...only] = Object.entries(Condition!.StringEquals!) as [[string, unknown], ...unknown[]];
    return JSON.stringify([Action, Resource, tag, only]);
  });
  return [...groups.values()].flatMap(withTags);
}

/**
 * Joins statements that differ in the tag alone, the first of their conditions. Halves the group if the result exceeds
 * the quota.
 */
function withTags(group: readonly PolicyStatement[]): PolicyStatement[] {
  const [first, ...others] = group;
  if (others.length === 0) return [first!];
  const equals = first!.Condition!.StringEquals!;
  const [key] = Object.keys(equals);
  const tags = group.flatMap(({ Condition }) => Condition!.StringEquals![key!]!);
  const statement = { ...first!, Condition: { StringEquals: { ...first!.Condition!.StringEquals, [key!]: tags } } };
  if (lengthOf([statement]) <= MANAGED_POLICY_LIMIT) return [statement];
  const half = Math.ceil(group.length / 2);
  return [...withTags(group.slice(0, half)), ...withTags(group.slice(half))];
}

/** Returns the permissions to read: for plans, and for looking up an alias. */
export const readPermissions = ({ reads, alias }: Pick<Remediation, 'reads' | 'alias'>): readonly Permission[] => [
  ...reads,
  ...(alias?.reads ?? []),
];

export function roleStatements(remediation: Remediation): PolicyStatement[] {
  const { id, writes, undoes = [] } = remediation;
  return [
    ...taggedStatements(REMEDIATION_TAG, id, [...readPermissions(remediation), ...writes]),
    ...taggedStatements(ROLLBACK_TAG, id, undoes),
  ];
}

const taggedStatements = (tag: string, id: string, needs: readonly Permission[]): PolicyStatement[] =>
  merge(
    needs.map(({ actions, resources, only }) => ({
      ...{ actions, resources: resources.map(inRole) },
      equals: only && valuesBy(only, inRole),
    })),
  ).map((statement) => ({
    ...statement,
    Condition: { StringEquals: { [`aws:PrincipalTag/${tag}`]: id, ...statement.Condition?.StringEquals } },
  }));

const valuesBy = (only: Readonly<Record<string, string>>, value: (shape: string) => string) =>
  Object.fromEntries(Object.entries(only).map(([key, shape]) => [key, value(shape)]));

/** Whether a rollback runs in a function of its own, whose sessions carry the rollback tag. */
export const rollsBackApart = ({ undoes = [] }: Pick<Remediation, 'undoes'>): boolean => undoes.length > 0;

/** Returns what a rollback may write. */
export const undoPermissions = ({ writes, undoes = [] }: Remediation): readonly Permission[] => [...writes, ...undoes];

export const planPolicy = (remediation: Remediation, place: Place, target: TargetFields): PolicyDocument =>
  document(sessionStatements(remediation.reads, place, [target]));

/** Returns the policy of the session that looks up the target of an alias. It allows nothing else. */
export const aliasPolicy = (
  { alias }: Pick<Remediation, 'alias'>,
  place: Place,
  fields: TargetFields,
): PolicyDocument => document(sessionStatements(alias!.reads, place, [fields]));

/**
 * Returns session policies that allow the writes (or `needs`) on the plan's targets: one, or several if one exceeds the
 * limit, each with its part of the targets.
 * @throws RangeError if the policy of a single target exceeds it
 */
export function applyPolicies<F extends TargetFields>(
  remediation: Remediation,
  place: Place,
  targets: readonly F[],
  needs: readonly Permission[] = remediation.writes,
): { readonly policy: PolicyDocument; readonly targets: readonly F[] }[] {
  const whole = document(sessionStatements(needs, place, targets));
  if (JSON.stringify(whole).length <= SESSION_POLICY_LIMIT) return [{ policy: whole, targets }];
  if (targets.length === 1)
    throw new RangeError(
      `The session policy of ${remediation.id} for one target has ${JSON.stringify(whole).length} characters, ` +
        `more than ${SESSION_POLICY_LIMIT}. Name fewer actions or shorter resources in its writes.`,
    );
  const half = Math.ceil(targets.length / 2);
  const parts = [targets.slice(0, half), targets.slice(half)];
  return parts.flatMap((part) => applyPolicies(remediation, place, part, needs));
}

function sessionStatements(
  needs: readonly Permission[],
  place: Place,
  targets: readonly TargetFields[],
): PolicyStatement[] {
  const filled = needs.map((need) => ({
    actions: need.actions,
    resources: [...new Set(need.resources.flatMap((shape) => targets.map((target) => fill(shape, place, target))))],
    equals: {
      ...(need.resources.some(hasNoAccount) && { 'aws:ResourceAccount': place.account }),
      ...(need.only && valuesBy(need.only, (shape) => fill(shape, place, {}))),
    },
  }));
  return merge(filled);
}

/** An ARN without an account (a bucket's) could belong to another account. Policies of AWS belong to `aws`. */
const hasNoAccount = (shape: string) => shape !== '*' && !/\{account\}|::aws:/.test(shape);

type FilledPermission = {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Values of condition keys. */
  readonly equals?: Readonly<Record<string, string>>;
};

function merge(needs: readonly FilledPermission[]): PolicyStatement[] {
  const byResources = Map.groupBy(needs, ({ resources, equals = {} }) => JSON.stringify([resources, equals]));
  return [...byResources.values()].map((group) => {
    const { resources, equals = {} } = group[0]!;
    const actions = new Set(group.flatMap((need) => need.actions));
    return {
      Effect: 'Allow',
      Action: oneOrMany([...actions].sort()),
      Resource: oneOrMany(resources),
      ...(Object.keys(equals).length > 0 && { Condition: { StringEquals: equals } }),
    };
  });
}

const oneOrMany = (values: readonly string[]) => (values.length === 1 ? values[0]! : values);
const document = (statements: readonly PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});
const lengthOf = (statements: readonly PolicyStatement[]) => JSON.stringify(document(statements)).length;

/** Uses pseudo parameters for partition and account, and `*` for everything that a finding names. */
const inRole = (shape: string) =>
  shape
    .replaceAll('{partition}', '${AWS::Partition}')
    .replaceAll('{account}', '${AWS::AccountId}')
    .replace(/(?<!\$)\{\w+\}/g, '*');

function fill(shape: string, place: Place, target: TargetFields): string {
  return shape.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = name in place ? place[name as keyof Place] : target[name];
    if (value === undefined)
      throw new RangeError(`{${name}} of "${shape}" is neither a place nor a field of the target`);
    if (!NAMES_ONE_THING.test(value))
      throw new RangeError(
        `${name} "${value}" cannot be part of a session policy: only letters, digits and _.+=,@/:#- can`,
      );
    return value;
  });
}
