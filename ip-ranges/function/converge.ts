/**
 * Carries a plan out call by call. If AWS answers in a way that the plan did not foresee, it reads and plans again, until
 * nothing is left to do; or it fails loudly, in a state that is safe and from which the next run goes on.
 */
import { clause, isNamed, isThrottling, isUnavailable, SutureError, text } from '../../functions/contract/errors.ts';
import { IpRangesError } from '../contract/errors.ts';

export type World<S, T> = {
  read(): Promise<S>;
  perform(step: T): Promise<void>;
};

export type RunClock = {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<unknown>;
  /** Nothing is begun that could not end by then. */
  readonly deadline: number;
  /** From 0 to 1. */
  random(): number;
};

export type Converging<S, T, P extends { readonly steps: readonly T[] }, L> = {
  readonly world: World<S, T>;
  readonly clock: RunClock;
  readonly plan: (state: S, learned: L) => P;
  readonly learned: L;
  /** Returns what is known after an error that reading does not show. */
  readonly learn: (learned: L, step: T, error: unknown, state: S) => L | Promise<L>;
};
/** `plan`: the last one, without steps. */
export type Converged<T, P> = { readonly plan: P; readonly done: readonly T[]; readonly rounds: number };

/** Plans that may turn out wrong. Throttling does not count: it is waited for as long as there is time. */
const WRONG_PLANS = 10;
/** Plans in all: some states take several, without any error. */
const PLANS = 100;
/** Time that a call takes at most, with the retries of its client. */
const CALL_MS = 8_000;

/** @throws IpRangesError NotConverged, SutureError Throttled or ServiceUnavailable */
export async function converge<S, T, P extends { readonly steps: readonly T[] }, L>(
  on: Converging<S, T, P, L>,
): Promise<Converged<T, P>> {
  const done: T[] = [];
  let { learned } = on;
  let last: unknown;
  let failures = 0;
  let wrong = 0;
  for (let round = 0; ; round++) {
    const state = await read(on, last);
    const plan = on.plan(state, learned);
    if (plan.steps.length === 0) return { plan, done, rounds: round };
    if (wrong === WRONG_PLANS || round === PLANS) throw notConverged(round, plan.steps.length, last);
    const failed = await carryOut(plan.steps, on, done);
    if (!failed) continue;
    last = failed.error;
    learned = await on.learn(learned, failed.step, failed.error, state);
    await pause(failures, on.clock, last);
    failures += 1;
    wrong += Number(!isBusy(last));
  }
}

/** Returns the step that failed in a way that is worth another plan. */
async function carryOut<T>(
  steps: readonly T[],
  { world, clock }: { readonly world: Pick<World<unknown, T>, 'perform'>; readonly clock: RunClock },
  done: T[],
): Promise<{ readonly step: T; readonly error: unknown } | undefined> {
  for (const [n, step] of steps.entries()) {
    if (clock.now() + CALL_MS > clock.deadline) throw outOfTime(` with ${steps.length - n} calls left`);
    try {
      await world.perform(step);
      done.push(step);
    } catch (error) {
      if (!isBusy(error) && !isNamed(error, ...PASSING)) throw error;
      return { step, error };
    }
  }
  return undefined;
}

async function read<S>(
  on: { readonly world: Pick<World<S, never>, 'read'>; readonly clock: RunClock },
  last: unknown,
): Promise<S> {
  for (let attempt = 0; ; attempt++)
    try {
      return await on.world.read();
    } catch (error) {
      if (!isBusy(error) || attempt === WRONG_PLANS) throw error;
      await pause(attempt, on.clock, last ?? error);
    }
}

const isBusy = (error: unknown): boolean =>
  isThrottling(error) || isUnavailable(error) || isNamed(error, 'ServiceUnavailable');

/** Name of the error of a prefix list that EC2 could not resize, and left as it was. */
export const RESIZE_FAILED = 'PrefixListResizeFailed';

/** Errors that say that the world is not as it was read. */
const PASSING = [
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
async function pause(round: number, clock: RunClock, last: unknown): Promise<void> {
  const waitMs = clock.random() * Math.min(20_000, 500 * 2 ** round);
  if (clock.now() + waitMs + CALL_MS > clock.deadline) throw outOfTime(`: ${clause(last)}`, last);
  await clock.sleep(waitMs);
}

const SAFE = 'What was done is safe, and the next run goes on from there';

const outOfTime = (what: string, cause?: unknown) =>
  new SutureError('Throttled', `The function's time was nearly over${what}. ${SAFE}.`, { cause });

const notConverged = (plans: number, left: number, last: unknown) =>
  new IpRangesError(
    'NotConverged',
    `After ${plans} plans there are ${left} calls left${last === undefined ? '' : `; the last error was ${text(last)}`}. ${SAFE}; if it doesn't, look at who else changes these groups.`,
    { cause: last },
  );
