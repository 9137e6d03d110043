/** Operations of a StackSet: one Region after the other, in some accounts at once, until too many have failed. */
import type { Kernel } from '../../kernel/kernel.ts';
import { accountsInUnits, deployInstance, isActive, keyOf } from './instances.ts';
import { concurrency, failureTolerance } from './preferences.ts';
import type { DeploymentTargets, StackSetOperationRecord, StackSetRecord } from './state.ts';

const CANCELLED = 'Cancelled since failure tolerance has exceeded';

type OperationRequest = Pick<StackSetOperationRecord, 'id' | 'action' | 'preferences' | 'targets'>;

export function addOperation(
  kernel: Kernel,
  set: StackSetRecord,
  request: OperationRequest,
  status: 'QUEUED' | 'RUNNING',
): StackSetOperationRecord {
  const operation = { ...request, status, createdAt: kernel.clock.now(), results: new Map() };
  set.operations.push(operation);
  return operation;
}

export const isOpen = ({ status }: StackSetOperationRecord): boolean => status === 'QUEUED' || status === 'RUNNING';

/** Marks all instances as outdated, as AWS does at every update with a template, even with the same one. */
export function markOutdated(set: StackSetRecord): void {
  for (const instance of set.instances.values()) instance.status = 'OUTDATED';
}

/**
 * Deploys the template to the instances of the targets, and returns the errors of those that failed.
 * @param accountMs how long an account takes
 */
export async function performOperation(
  kernel: Kernel,
  set: StackSetRecord,
  operation: StackSetOperationRecord,
  accountMs = 0,
): Promise<unknown[]> {
  operation.status = 'RUNNING';
  const regions = instancesByRegion(kernel, set, operation.targets);
  for (const key of regions.flat()) {
    operation.results.set(key, { status: 'PENDING' });
    Object.assign(set.instances.get(key)!, { detailed: 'PENDING' });
  }
  const errors: unknown[] = [];
  let hasFailed = false;
  for (const keys of regions) {
    if (hasFailed) cancel(set, operation, keys);
    else hasFailed = !(await runInRegion({ kernel, set, operation, accountMs }, keys, errors));
  }
  operation.status = hasFailed ? 'FAILED' : 'SUCCEEDED';
  operation.endedAt = kernel.clock.now();
  return errors;
}

function instancesByRegion(kernel: Kernel, set: StackSetRecord, targets: DeploymentTargets): string[][] {
  const targeted = accountsOfTargets(kernel, targets);
  return set.regions.map((region) =>
    targeted.map((account) => keyOf(account, region)).filter((key) => isReachable(kernel, set, key)),
  );
}

export function accountsOfTargets(kernel: Kernel, { units, accounts = [], filter }: DeploymentTargets): string[] {
  const inUnits = accountsInUnits(kernel, units);
  if (filter === 'INTERSECTION') return inUnits.filter((account) => accounts.includes(account));
  if (filter === 'DIFFERENCE') return inUnits.filter((account) => !accounts.includes(account));
  return inUnits;
}

function isReachable(kernel: Kernel, set: StackSetRecord, key: string): boolean {
  const instance = set.instances.get(key);
  if (!instance) return false;
  if (isActive(kernel, key)) return true;
  instance.detailed = 'SKIPPED_SUSPENDED_ACCOUNT';
  return false;
}

type RunningOperation = {
  readonly kernel: Kernel;
  readonly set: StackSetRecord;
  readonly operation: StackSetOperationRecord;
  readonly accountMs: number;
};

/** Returns false if more accounts failed than the operation tolerates. Accounts of the same wave all end. */
async function runInRegion(running: RunningOperation, keys: readonly string[], errors: unknown[]): Promise<boolean> {
  const { kernel, set, operation, accountMs } = running;
  const tolerance = failureTolerance(operation.preferences, keys.length);
  let failed = 0;
  for (let next = 0; next < keys.length; ) {
    const wave = keys.slice(next, next + concurrency(operation.preferences, keys.length, failed));
    next += wave.length;
    for (const key of wave) operation.results.get(key)!.status = 'RUNNING';
    if (accountMs > 0) await kernel.clock.sleep(accountMs);
    for (const key of wave) {
      const error = await deployTo(running, key);
      if (error === undefined) continue;
      errors.push(error);
      failed += 1;
    }
    if (failed <= tolerance) continue;
    cancel(set, operation, keys.slice(next));
    return false;
  }
  return true;
}

async function deployTo({ kernel, set, operation }: RunningOperation, key: string): Promise<unknown> {
  const result = operation.results.get(key)!;
  try {
    await deployInstance(kernel, set, key);
    result.status = 'SUCCEEDED';
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    Object.assign(result, { status: 'FAILED', reason });
    Object.assign(set.instances.get(key)!, { status: 'OUTDATED', detailed: 'FAILED', reason });
    return error;
  }
}

function cancel(set: StackSetRecord, operation: StackSetOperationRecord, keys: readonly string[]): void {
  for (const key of keys) {
    operation.results.set(key, { status: 'CANCELLED', reason: CANCELLED });
    Object.assign(set.instances.get(key)!, { status: 'OUTDATED', detailed: 'CANCELLED', reason: CANCELLED });
  }
}
