/**
 * Member roles that share the remediations: one, or several by family once one cannot hold them. A thief of one part's
 * credentials has nothing of the others: each trusts the execution roles below its own paths alone, and its boundary names
 * the actions of its own families.
 */
import { type Remediation, respondsToThreats } from '../contract/remediation.ts';
import { memberRoleBoundary } from './member-role-boundary.ts';
import type { TrustedRoles } from './member-role-trust.ts';
import { MANAGED_POLICY_LIMIT, memberRolePolicies } from './permissions.ts';

export type MemberRolePart = {
  /** The end of its name and its paths: empty for the first, then `-b`, `-c` and so on. */
  readonly suffix: string;
  readonly responds: boolean;
  /** Of whole families. */
  readonly remediations: readonly Remediation[];
};

/**
 * IAM attaches ten managed policies to a role before the quota is raised. Two stay free for those of the account.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const MAX_MEMBER_POLICIES = 8;

export const familyOf = ({ id }: Pick<Remediation, 'id'>): string => id.slice(0, id.indexOf('/'));

/**
 * Returns at least one part for fixes, and those of responses to threats if there are any.
 * @throws RangeError if the remediations of one family do not fit into a role
 */
export function memberRoleParts(remediations: readonly Remediation[]): MemberRolePart[] {
  const { true: responses = [], false: others = [] } = Object.groupBy(remediations, (each) =>
    respondsToThreats(each) ? 'true' : 'false',
  );
  return [...partsOf(others, false), ...(responses.length > 0 ? partsOf(responses, true) : [])];
}

/** Returns the name or path of a part: `/suture/remediation/` of `-b` is `/suture/remediation-b/`. */
export const nameOfPart = (first: string, suffix: string): string => first.replace(/\/?$/, (slash) => suffix + slash);

/** Returns the names of all parts: those of the first, and those with the suffixes of the others. */
export const namesOfParts = (firsts: readonly string[], parts: readonly Pick<MemberRolePart, 'suffix'>[]): string[] =>
  firsts.flatMap((first) =>
    [...new Set(['', ...parts.map(({ suffix }) => suffix)])].map((suffix) => nameOfPart(first, suffix)),
  );

/** Returns the roles that a part trusts. */
export const trustedByPart = ({ account, path, rollbackPath }: TrustedRoles, suffix: string): TrustedRoles => ({
  account,
  path: nameOfPart(path, suffix),
  ...(rollbackPath !== undefined && { rollbackPath: nameOfPart(rollbackPath, suffix) }),
});

/** @throws RangeError if no part has the remediation */
export function partOf(parts: readonly MemberRolePart[], { id }: Pick<Remediation, 'id'>): MemberRolePart {
  const part = parts.find(({ remediations }) => remediations.some((each) => each.id === id));
  if (!part)
    throw new RangeError(`No member role has ${id}: call memberRoleParts with the remediations of all stacks.`);
  return part;
}

const partsOf = (remediations: readonly Remediation[], responds: boolean): MemberRolePart[] =>
  divided(remediations).map((part, index) => ({
    suffix: index === 0 ? '' : `-${String.fromCharCode(97 + index)}`,
    responds,
    remediations: part,
  }));

/** Takes families in their order, so that the first part stays when families come after it. */
function divided(remediations: readonly Remediation[]): (readonly Remediation[])[] {
  if (problemOf(remediations) === undefined) return [remediations];
  const parts: (readonly Remediation[])[] = [];
  for (const [family, members] of Map.groupBy(remediations, familyOf)) {
    const problem = problemOf(members);
    if (problem) throw new RangeError(`The family ${family} does not fit into a role: ${problem}. Split it in two.`);
    const last = parts.at(-1);
    const grown = last && [...last, ...members];
    if (grown && problemOf(grown) === undefined) parts[parts.length - 1] = grown;
    else parts.push(members);
  }
  return parts;
}

/** Returns why one role cannot have the remediations. */
function problemOf(remediations: readonly Remediation[]): string | undefined {
  const characters = JSON.stringify(memberRoleBoundary(remediations)).length;
  if (characters > MANAGED_POLICY_LIMIT)
    return `its boundary has ${characters} characters, more than ${MANAGED_POLICY_LIMIT}`;
  const { length } = memberRolePolicies(remediations);
  return length > MAX_MEMBER_POLICIES ? `it needs ${length} policies, more than ${MAX_MEMBER_POLICIES}` : undefined;
}
