/**
 * Carries a plan out call by call. If AWS answers in a way that the plan did not foresee, `converge` reads and plans
 * again, until nothing is left to do. If it throws, the state is safe, and the next run goes on from it.
 */
import {
  errorClause,
  errorDescription,
  isNamed,
  isThrottling,
  isUnavailable,
  SutureError,
} from '../../functions/contract/errors.ts';
import { IpRangesError } from '../contract/errors.ts';
import type { World } from './world.ts';

export type RunClock = {
  /** Milliseconds since 1970; nothing is begun that could not end by the deadline. */
  now(): number;
  readonly deadline: number;
  sleep(milliseconds: number): Promise<unknown>;
  random(): number;
};

/** How many plans may turn out wrong. Throttling does not count: the run waits as long as there is time. */
const MAX_WRONG_PLANS = 10;
/** How many plans a run makes at most: some states take several, without any error. */
const MAX_PLANS = 100;
/** Time that a call takes at most, with the retries of its client. */
const CALL_MS = 8_000;

/**
 * Returns the last plan, which has no steps, and the steps that were done.
 * @throws IpRangesError NotConverged, SutureError Throttled
 */
export async function converge<S, T, P extends { readonly steps: readonly T[] }>(
  world: World<S, T>,
  planFor: (state: S) => P,
  clock: RunClock,
) {
  const done: T[] = [];
  let failures = 0;
  let wrongPlans = 0;
  let last: unknown;
  for (let round = 0; ; round++) {
    let isCalling = false;
    try {
      const plan = planFor(await world.read());
      if (plan.steps.length === 0) return { plan, done, rounds: round };
      if (wrongPlans === MAX_WRONG_PLANS || round === MAX_PLANS) throw notConverged(round, plan.steps.length, last);
      for (const step of plan.steps) {
        isCalling = true;
        if (clock.now() + CALL_MS > clock.deadline) throw outOfTime(', and there are calls left');
        await world.perform(step);
        done.push(step);
      }
    } catch (error) {
      if (!isBusy(error) && !(isCalling && isNamed(error, ...OUTDATED_STATE_ERRORS))) throw error;
      last = error;
      wrongPlans += Number(!isBusy(error));
      await pause(failures++, clock, error);
    }
  }
}

const isBusy = (error: unknown): boolean =>
  isThrottling(error) || isUnavailable(error) || isNamed(error, 'ServiceUnavailable');

/** Name of the error of a prefix list that EC2 could not resize, and left as it was. */
export const RESIZE_FAILED = 'PrefixListResizeFailed';

/** Errors that say that the state has changed since it was read. */
const OUTDATED_STATE_ERRORS = [
  'InvalidPermission.Duplicate',
  'InvalidPermission.NotFound',
  'InvalidSecurityGroupRuleId.NotFound',
  'RulesPerSecurityGroupLimitExceeded',
  'SecurityGroupsPerInterfaceLimitExceeded',
  'InvalidGroup.Duplicate',
  // EC2 does not know a new group everywhere at once, or somebody deleted the group.
  'InvalidGroup.NotFound',
  'InvalidNetworkInterfaceID.NotFound',
  'LoadBalancerNotFound',
  'LoadBalancerNotFoundException',
  'PrefixListVersionMismatch',
  'PrefixListMaxEntriesExceeded',
  'IncorrectState',
  RESIZE_FAILED,
];

/** Full jitter up to 20 s: longer than a throttle of EC2 lasts. */
async function pause(failures: number, clock: RunClock, error: unknown): Promise<void> {
  const waitMs = clock.random() * Math.min(20_000, 500 * 2 ** failures);
  if (clock.now() + waitMs + CALL_MS > clock.deadline) throw outOfTime(`: ${errorClause(error)}`, error);
  await clock.sleep(waitMs);
}

const SAFE = 'What was done is safe, and the next run goes on from there';

const outOfTime = (what: string, cause?: unknown) =>
  new SutureError('Throttled', `The function's time was nearly over${what}. ${SAFE}.`, { cause });

function notConverged(plans: number, left: number, cause: unknown) {
  const last = cause === undefined ? '' : `; the last error was ${errorDescription(cause)}`;
  const what = `After ${plans} plans ${left === 1 ? 'one call is' : `${left} calls are`} left${last}. ${SAFE}`;
  return new IpRangesError('NotConverged', `${what}; if it doesn't, look at who else changes these groups.`, { cause });
}
