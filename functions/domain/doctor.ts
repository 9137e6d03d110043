/** Doctor's checks, as its functions answer and its command shows them. */
import * as z from 'zod';
import { errorDescription } from '../contract/errors.ts';

/** One check at one place. Without a problem all is well there. */
export const DoctorResult = z.object({
  /** Such as `aggregation-region`. */
  check: z.string(),
  /** An account, with a Region if it matters. */
  where: z.string(),
  problem: z.string().optional(),
  /** A command or a page. Present with every problem. */
  remedy: z.string().optional(),
  /** Says what is well, if people ask for it. */
  note: z.string().optional(),
  /** The difference of a role: `- ` lines are missing, `+ ` lines should not be there. */
  lines: z.array(z.string()).readonly().optional(),
});
export type DoctorResult = z.infer<typeof DoctorResult>;

export const DoctorResults = z.object({ results: z.array(DoctorResult) });

const AccountId = z.string().regex(/^\d{12}$/, 'has 12 digits');

export const DoctorAccount = z.object({
  id: AccountId,
  name: z.string().optional(),
  /** A term of Organizations: ACTIVE, SUSPENDED, … */
  status: z.string(),
});
export type DoctorAccount = z.infer<typeof DoctorAccount>;

/** `next` continues the list. */
export const DoctorAccounts = z.object({ accounts: z.array(DoctorAccount), next: z.string().optional() });

/** The StackSet's instance in an account. */
export const StackInstance = z.object({ account: AccountId, status: z.string(), reason: z.string().optional() });
export type StackInstance = z.infer<typeof StackInstance>;
export const StackInstances = z.object({
  /** Undefined if the installation has no StackSet. */
  instances: z.array(StackInstance).optional(),
  next: z.string().optional(),
});

/** A verdict of Security Hub's control Config.1 for an account and a Region. */
export const RecorderVerdict = z.object({ account: AccountId, region: z.string(), status: z.string() });
export type RecorderVerdict = z.infer<typeof RecorderVerdict>;
export const RecorderVerdicts = z.object({
  verdicts: z.array(RecorderVerdict),
  /** The Regions in which each account should have a verdict. */
  regions: z.array(z.string()),
  next: z.string().optional(),
});

/** Places of the installation besides the security account and its home Region, which a person signs in to. */
export const InstallationPlaces = z.object({
  serviceAccount: AccountId,
  /** The Region of the updater of IP ranges, if there is one. */
  ipRangesRegion: z.string().optional(),
});
export type InstallationPlaces = z.infer<typeof InstallationPlaces>;

/** One call opens two sessions in each account. */
export const MAX_DOCTOR_ACCOUNTS = 50;

const accounts = z.array(AccountId).min(1).max(MAX_DOCTOR_ACCOUNTS);

export const CheckAccountsRequest = z.object({
  accounts,
  /** Those of these accounts. Undefined if nobody knows which accounts have one. */
  instances: z.array(StackInstance).optional(),
});
export type CheckAccountsRequest = z.infer<typeof CheckAccountsRequest>;

export const CompareRolesRequest = z.object({
  accounts,
  role: z.string().regex(/^[\w+=,.@-]{1,64}$/, 'is the name of a role, without its path'),
  reference: AccountId,
});
export type CompareRolesRequest = z.infer<typeof CompareRolesRequest>;

export type DoctorProblem = Required<Pick<DoctorResult, 'problem' | 'remedy'>> & Pick<DoctorResult, 'lines'>;

export type DoctorNote = Required<Pick<DoctorResult, 'note'>>;

export type DoctorCheck = {
  readonly check: string;
  readonly where: string;
  /** Returns nothing, a note, a problem or several. */
  readonly find: () => Promise<DoctorProblem | DoctorNote | readonly DoctorProblem[] | undefined>;
};

/** Runs checks one after the other. A check that cannot ask is a problem, never a success. */
export async function runChecks(checks: readonly DoctorCheck[]): Promise<DoctorResult[]> {
  const results: DoctorResult[] = [];
  for (const { check, where, find } of checks) {
    const problems = [(await find().catch(uncheckedProblem)) ?? []].flat();
    if (problems.length === 0) results.push({ check, where });
    for (const problem of problems) results.push({ check, where, ...problem });
  }
  return results;
}

/** Returns the problem of a check that could not ask. */
export const uncheckedProblem = (error: unknown): DoctorProblem => ({
  problem: `could not be checked: ${errorDescription(error)}`,
  remedy: 'run it again: suture doctor; if AWS denies it, deploy the stacks of this release: docs/operate.md#doctor',
});
