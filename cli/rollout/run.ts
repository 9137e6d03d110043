/** Updates the units of a plan one after the other, and stops at the first failure. */

import { createHash, randomUUID } from 'node:crypto';
import type { StackSetOperationPreferences } from '@aws-sdk/client-cloudformation';
import {
  type AccountResult,
  isOpenStatus,
  operationInProgress,
  type StackSetClient,
  type StackSetState,
} from '../clients/stack-set.ts';
import { Interrupted } from '../errors/interrupted.ts';
import { countText } from '../output/count-text.ts';
import type { PlannedUnit } from './plan.ts';
import type { RolloutTemplate } from './template.ts';

const POLL_MS = 10_000;
const PROGRESS_INTERVAL_MS = 30_000;

export type UnitResult = {
  readonly unit: string;
  /** `current`: it had nothing to update. */
  readonly status: 'current' | 'updated' | 'failed' | 'not begun';
  readonly accounts: number;
  readonly operation?: string;
  readonly failures?: readonly AccountResult[];
};

export type RolloutRun = {
  readonly stackSet: StackSetClient;
  readonly template: RolloutTemplate;
  /** Begins the ids of this template's operations. */
  readonly operationPrefix: string;
  /** Percent of a unit's accounts that are updated at once, after the canary. */
  readonly atOncePercent: number;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly progress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
};

export type UnitUpdates = {
  readonly units: readonly PlannedUnit[];
  readonly state: StackSetState;
  /** The StackSet has another template than the run's. */
  readonly isNew: boolean;
};

/** Operations of the same template have the same prefix, so that a run finds what an interrupted one began. */
export const operationPrefixOf = (installation: string, { text }: RolloutTemplate): string =>
  `${installation}-rollout-${createHash('sha256').update(text).digest('hex').slice(0, 12)}-`;

/**
 * Waits for the operation that an interrupted run of the same template began, and returns what failed in it.
 * @throws Failure if any other operation is under way
 */
export async function awaitEarlierOperations(run: RolloutRun): Promise<AccountResult[]> {
  const open = await run.stackSet.openOperations();
  const foreign = open.find((operation) => !operation.startsWith(run.operationPrefix));
  if (foreign !== undefined) throw operationInProgress(`operation ${foreign}`);
  const failures: AccountResult[] = [];
  for (const operation of open) {
    run.progress(`waiting for the operation ${operation}, which an earlier run began`);
    failures.push(...(await waitForFailures(run, operation, 'the earlier run')));
  }
  return failures;
}

/** @throws Interrupted on Ctrl-C, after the unit that was begun */
export async function runRollout(run: RolloutRun, { units, state, isNew }: UnitUpdates): Promise<UnitResult[]> {
  const results: UnitResult[] = [];
  let template = isNew ? run.template : undefined;
  for (const [n, unit] of units.entries()) {
    if (run.signal?.aborted) throw interrupted(results);
    const result = await updateUnit(run, unit, state, template);
    if (result.status !== 'current') template = undefined;
    results.push(result);
    if (result.status === 'failed') return [...results, ...units.slice(n + 1).map(notBegun)];
  }
  return results;
}

const notBegun = ({ unit, accounts }: PlannedUnit): UnitResult => ({
  ...{ unit, status: 'not begun', accounts: accounts.length },
});

function interrupted(results: readonly UnitResult[]): Interrupted {
  const done = results.map(({ unit }) => unit).join(', ');
  return new Interrupted(
    `Interrupted: ${done ? `${done} done` : 'nothing was begun'}. Run the same command again to continue with the rest.`,
  );
}

async function updateUnit(
  run: RolloutRun,
  unit: PlannedUnit,
  { description, regions }: StackSetState,
  template: RolloutTemplate | undefined,
): Promise<UnitResult> {
  const { unit: name, outdated, targets, isCanary } = unit;
  const accounts = unit.accounts.length;
  if (outdated.length === 0) return { unit: name, status: 'current', accounts };
  const operation = `${run.operationPrefix}${randomUUID()}`;
  const preferences = isCanary ? ONE_BY_ONE : { ...SOME_AT_ONCE, MaxConcurrentPercentage: run.atOncePercent };
  const rate = isCanary ? 'one at a time' : `${run.atOncePercent} % at once`;
  run.progress(
    `${name}: updating ${outdated.length} of ${countText(accounts, 'account')}, ${rate}; operation ${operation}`,
  );
  await run.stackSet.begin({
    operation,
    ...(template && { template: template.url === undefined ? { body: template.text } : { url: template.url } }),
    description,
    regions,
    units: targets,
    accounts: outdated,
    preferences,
  });
  const failures = await waitForFailures(run, operation, name);
  const status = failures.length > 0 ? 'failed' : 'updated';
  return { unit: name, status, accounts, operation, ...(failures.length > 0 && { failures }) };
}

/** The first failure in the canary leaves the other accounts as they were. */
const ONE_BY_ONE: StackSetOperationPreferences = {
  FailureToleranceCount: 0,
  MaxConcurrentCount: 1,
  ConcurrencyMode: 'STRICT_FAILURE_TOLERANCE',
};
/** In strict mode AWS would update one account at a time, because no failure is tolerated. */
const SOME_AT_ONCE: StackSetOperationPreferences = {
  FailureToleranceCount: 0,
  ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE',
};

/** Waits for the end. Returns the accounts in which it failed, or one result without an account if it failed otherwise. */
async function waitForFailures(run: RolloutRun, operation: string, unit: string): Promise<AccountResult[]> {
  const status = await waitForStatus(run, operation, unit);
  const results = await run.stackSet.results(operation);
  const failures = results.filter((each) => each.status === 'FAILED');
  if (status === 'SUCCEEDED' || failures.length > 0) return failures;
  const reason = status === 'STOPPED' ? 'somebody stopped the operation' : `the operation ended as ${status}`;
  return [{ account: '-', status, reason }];
}

async function waitForStatus({ stackSet, sleep, now, progress }: RolloutRun, operation: string, unit: string) {
  let reported = now();
  for (;;) {
    const status = await stackSet.status(operation);
    if (!isOpenStatus(status)) return status;
    if (now() - reported >= PROGRESS_INTERVAL_MS) {
      reported = now();
      progress(`${unit}: ${await progressText(stackSet, operation)}`);
    }
    await sleep(POLL_MS);
  }
}

async function progressText(stackSet: StackSetClient, operation: string): Promise<string> {
  const results = await stackSet.results(operation);
  const done = results.filter(({ status }) => status === 'SUCCEEDED').length;
  return `${done} of ${countText(results.length, 'account')} updated`;
}
