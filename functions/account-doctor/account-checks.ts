/** Checks of member accounts: the roles exist, can be assumed and are as the registry generates them; Security Hub is on. */
import { errorDescription } from '../contract/errors.ts';
import {
  type CheckAccountsRequest,
  type DoctorProblem,
  type DoctorResult,
  type StackInstance,
  uncheckedProblem,
} from '../domain/doctor.ts';
import { type RoleDesign, shapeOfDesign } from '../domain/member-roles.ts';
import type { Names } from '../domain/names.ts';
import { type RoleShape, roleDifference } from '../domain/role-shape.ts';
import { hasSameVersion } from '../domain/role-version.ts';
import { type RoleSituation, roleRemedy } from './remedies.ts';

export type AccountReads = {
  /** Undefined if there is no such role. */
  role(name: string): Promise<RoleShape | undefined>;
  /** Undefined if Security Hub is off. */
  hub(region: string): Promise<object | undefined>;
  /** How many managed policies a role may have. */
  attachedPoliciesQuota(): Promise<number>;
};

export type AccountDeps = {
  readonly partition: string;
  readonly regions: readonly string[];
  readonly designs: readonly RoleDesign[];
  readonly memberRole: string;
  readonly names: Names;
  /** @throws the denial if the doctor's role cannot be assumed */
  readonly read: (account: string) => Promise<AccountReads>;
  /**
   * Opens a session of the member role with a source identity and tags, in which nothing is allowed.
   * @throws the denial
   */
  readonly assume: (account: string) => Promise<void>;
  readonly isDenial: (error: unknown) => boolean;
};

/** At most this many lines of differences in an answer, so that it stays below Lambda's 6 MB. */
export const MAX_LINES = 10_000;

export async function checkAccounts(request: CheckAccountsRequest, deps: AccountDeps): Promise<DoctorResult[]> {
  const { accounts, instances } = request;
  const byAccount = instances && new Map(instances.map((each) => [each.account, each]));
  const maxLines = Math.floor(MAX_LINES / accounts.length / deps.designs.length);
  const all = await Promise.all(accounts.map((account) => checkAccount(account, byAccount, maxLines, deps)));
  return all.flat();
}

async function checkAccount(
  account: string,
  instances: ReadonlyMap<string, StackInstance> | undefined,
  maxLines: number,
  deps: AccountDeps,
): Promise<DoctorResult[]> {
  const resultOf = (check: string, problem: DoctorProblem | undefined, where = account): DoctorResult => ({
    check,
    where,
    ...problem,
  });
  try {
    const reads = await deps.read(account);
    const shapes = new Map<string, RoleShape | undefined>();
    for (const { name } of deps.designs) shapes.set(name, await reads.role(name));
    const situation = situationOf(account, instances, isOfAnotherRelease(shapes, deps));
    const results = [...shapes].map(([name, shape]) =>
      resultOf('role-exists', shape ? undefined : missingRole(name, situation, deps)),
    );
    if (shapes.get(deps.memberRole)) results.push(resultOf('role-assumable', await assumeProblem(account, deps)));
    for (const design of deps.designs) {
      const shape = shapes.get(design.name);
      if (shape) results.push(resultOf('role-drift', driftProblem(design, shape, situation, maxLines, deps)));
    }
    results.push(resultOf('role-quota', quotaProblem(deps.designs, await reads.attachedPoliciesQuota())));
    for (const region of deps.regions)
      results.push(
        resultOf('security-hub-on', hubProblem(await reads.hub(region), account, region), `${account} ${region}`),
      );
    return results;
  } catch (error) {
    if (!deps.isDenial(error)) return [resultOf('role-exists', uncheckedProblem(error))];
    return [resultOf('role-exists', unreachable(situationOf(account, instances, false), error, deps))];
  }
}

const situationOf = (
  account: string,
  instances: ReadonlyMap<string, StackInstance> | undefined,
  isOfAnotherRelease: boolean,
): RoleSituation => ({
  account,
  instance: instances ? (instances.get(account) ?? 'none') : 'unknown',
  isOfAnotherRelease,
});

const isOfAnotherRelease = (
  shapes: ReadonlyMap<string, RoleShape | undefined>,
  { designs }: Pick<AccountDeps, 'designs'>,
): boolean =>
  designs.some(({ name, tags }) => {
    const shape = shapes.get(name);
    return shape !== undefined && !hasSameVersion(shape.tags, tags);
  });

const missingRole = (name: string, situation: RoleSituation, { names }: AccountDeps): DoctorProblem => ({
  problem: situation.isOfAnotherRelease
    ? `the role ${name} does not exist, and the others there are of another release`
    : `the role ${name} does not exist, although the doctor's does: somebody deleted it`,
  remedy: roleRemedy(situation, names),
});

/** AWS answers alike for a role that does not exist and one that refuses; the StackSet's instances tell them apart. */
function unreachable(situation: RoleSituation, error: unknown, { names }: AccountDeps): DoctorProblem {
  const { instance } = situation;
  const says = errorDescription(error);
  const remedy = roleRemedy(situation, names);
  if (instance === 'unknown')
    return {
      problem: `the doctor's role is missing or refuses, and so may the others; nobody lists the instances of a StackSet. ${says}`,
      remedy,
    };
  if (instance === 'none')
    return { problem: 'the roles do not exist: the StackSet has no instance in the account', remedy };
  if (instance.status !== 'CURRENT')
    return {
      problem: `the StackSet failed in the account, which is ${instance.status}${instance.reason ? `: ${instance.reason}` : ''}`,
      remedy,
    };
  return {
    problem: `the doctor's role refuses although the StackSet deployed it: its trust policy was changed or deleted, or a policy of the organization denies it. ${says}`,
    remedy: `see the organization's policies on sts; if none denies it, ${remedy}`,
  };
}

async function assumeProblem(account: string, { assume, isDenial }: AccountDeps): Promise<DoctorProblem | undefined> {
  try {
    await assume(account);
    return undefined;
  } catch (error) {
    if (!isDenial(error)) return uncheckedProblem(error);
    return {
      problem: `the member role exists and cannot be assumed with source identity and tags. ${errorDescription(error)}`,
      remedy:
        'if role-drift names its trust policy, do what it says; otherwise a policy of the organization denies it: see those on sts',
    };
  }
}

function driftProblem(
  design: RoleDesign,
  shape: RoleShape,
  situation: RoleSituation,
  maxLines: number,
  { partition, names }: AccountDeps,
): DoctorProblem | undefined {
  const lines = roleDifference(shapeOfDesign(design, partition, situation.account), shape);
  if (lines.length === 0) return undefined;
  const isOfRelease = hasSameVersion(shape.tags, design.tags);
  return {
    problem: `the role ${design.name} is ${isOfRelease ? 'not as the registry generates it' : 'of another release'}`,
    remedy: roleRemedy(situation, names),
    lines: shortened(lines, maxLines),
  };
}

export const shortened = (lines: readonly string[], max: number): string[] =>
  lines.length <= max ? [...lines] : [...lines.slice(0, max), `… and ${lines.length - max} more`];

function quotaProblem(designs: readonly RoleDesign[], quota: number): DoctorProblem | undefined {
  const needed = Math.max(...designs.map(({ policies }) => policies.length));
  if (needed <= quota) return undefined;
  return {
    problem: `a role may have ${quota} managed policies, and the member role needs ${needed}: the StackSet fails`,
    remedy: 'raise the quota "Managed policies per role" of IAM in Service Quotas of the account',
  };
}

function hubProblem(hub: object | undefined, account: string, region: string): DoctorProblem | undefined {
  if (hub) return undefined;
  return {
    problem: `Security Hub is off in ${region}: nothing there makes findings`,
    remedy: `in Security Hub's administrator account: aws securityhub create-members --region ${region} --account-details AccountId=${account}, or a configuration policy`,
  };
}
