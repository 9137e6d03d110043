/**
 * Carries a plan out call by call. Whatever AWS answers that the plan did not foresee leads to reading and planning anew,
 * until nothing is left to do; or it fails loudly, in a state that is safe and from which the next run goes on.
 */
import { clause, isNamed, isThrottling, isUnavailable, SutureError, text } from '../../functions/contract/errors.ts';
import { IpRangesError } from './errors.ts';

export type World<S, T> = {
  read(): Promise<S>;
  perform(step: T): Promise<void>;
};

export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<unknown>;
  /** Nothing is begun that could not end by then. */
  readonly deadline: number;
  /** From 0 to 1. */
  random(): number;
};

export type Planned<T> = {
  readonly steps: readonly T[];
  readonly refused?: string;
  readonly blocked: readonly string[];
};

export type Converging<S, T, P extends Planned<T>, L> = {
  readonly world: World<S, T>;
  readonly clock: Clock;
  readonly plan: (state: S, learned: L) => P;
  readonly learned: L;
  /** What an error shows that reading does not. */
  readonly learn: (learned: L, step: T, error: unknown, state: S) => L;
};
export type Converged<T, P> = { readonly plan: P; readonly done: readonly T[]; readonly rounds: number };

/** Plans that may turn out wrong. Throttling does not count: it is waited for as long as there is time. */
const ROUNDS = 10;
/** Plans in all: some take several, without any error. */
const PLANS = 100;
/** Milliseconds that a call takes at most, with the retries of its client. */
const A_CALL = 8_000;

/** @throws IpRangesError DocumentRefused, TargetBlocked or NotConverged, SutureError Throttled or ServiceUnavailable */
export async function converge<S, T, P extends Planned<T>, L>(on: Converging<S, T, P, L>): Promise<Converged<T, P>> {
  const done: T[] = [];
  let { learned } = on;
  let last: unknown;
  /** Errors in all, by which pauses grow, and those that showed a plan to be wrong. */
  let failures = 0;
  let wrong = 0;
  for (let round = 0; ; round++) {
    const state = await read(on, last);
    const plan = on.plan(state, learned);
    if (plan.refused !== undefined) throw new IpRangesError('DocumentRefused', plan.refused);
    if (plan.blocked.length > 0)
      throw new IpRangesError('TargetBlocked', `Nothing was changed: ${plan.blocked.join('; ')}.`);
    if (plan.steps.length === 0) return { plan, done, rounds: round };
    if (wrong === ROUNDS || round === PLANS) throw notConverged(round, plan.steps.length, last);
    const failed = await carriedOut(plan.steps, on, done);
    if (failed) {
      last = failed.error;
      learned = on.learn(learned, failed.step, failed.error, state);
      await pause(failures, on.clock, last);
      failures += 1;
      wrong += Number(!isBusy(last));
    }
  }
}

async function carriedOut<S, T, P extends Planned<T>, L>(
  steps: readonly T[],
  { world, clock }: Converging<S, T, P, L>,
  done: T[],
): Promise<{ readonly step: T; readonly error: unknown } | undefined> {
  for (const [n, step] of steps.entries()) {
    if (clock.now() + A_CALL > clock.deadline) throw outOfTime(steps.length - n);
    try {
      await world.perform(step);
      done.push(step);
    } catch (error) {
      if (!isPassing(error)) throw error;
      return { step, error };
    }
  }
  return undefined;
}

async function read<S, T, P extends Planned<T>, L>(
  { world, clock }: Converging<S, T, P, L>,
  last: unknown,
): Promise<S> {
  for (let attempt = 0; ; attempt++)
    try {
      return await world.read();
    } catch (error) {
      if (!isBusy(error) || attempt === ROUNDS) throw error;
      await pause(attempt, clock, last ?? error);
    }
}

const isBusy = (error: unknown): boolean =>
  isThrottling(error) || isUnavailable(error) || isNamed(error, 'ServiceUnavailable');

/** The world is not as it was read, or AWS is busy: worth another look. */
const isPassing = (error: unknown): boolean => isBusy(error) || isNamed(error, ...PASSING);
const PASSING = [
  'InvalidPermission.Duplicate',
  'InvalidPermission.NotFound',
  'InvalidSecurityGroupRuleId.NotFound',
  'RulesPerSecurityGroupLimitExceeded',
  'SecurityGroupsPerInterfaceLimitExceeded',
  'InvalidGroup.Duplicate',
  // A group just made, or a rule's group just deleted.
  'InvalidGroup.NotFound',
  'InvalidNetworkInterfaceID.NotFound',
  'LoadBalancerNotFound',
  'LoadBalancerNotFoundException',
  'DependencyViolation',
  'PrefixListVersionMismatch',
  'PrefixListMaxEntriesExceeded',
  'IncorrectState',
];

/** Full jitter up to 20 s: longer than a throttle of EC2 lasts. */
async function pause(round: number, clock: Clock, last: unknown): Promise<void> {
  const wait = clock.random() * Math.min(20_000, 500 * 2 ** round);
  if (clock.now() + wait + A_CALL > clock.deadline) throw outOfTime(undefined, last);
  await clock.sleep(wait);
}

const SAFE = 'What was done is safe, and the next run goes on from there';

const outOfTime = (left?: number, last?: unknown) =>
  new SutureError(
    'Throttled',
    `The function's time was nearly over${left === undefined ? '' : ` with ${left} calls left`}${last === undefined ? '' : `: ${clause(last)}`}. ${SAFE}.`,
    { cause: last },
  );

const notConverged = (plans: number, left: number, last: unknown) =>
  new IpRangesError(
    'NotConverged',
    `After ${plans} plans there are ${left} calls left${last === undefined ? '' : `; the last error was ${text(last)}`}. ${SAFE}; if it doesn't, look at who else changes these groups.`,
    { cause: last },
  );
