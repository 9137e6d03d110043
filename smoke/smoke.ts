/** The installation that a run examines, and how its steps wait. */
import { errorDescription, isDenial } from '../functions/contract/errors.ts';
import { namesOf } from '../functions/domain/names.ts';
import type { SutureContext } from '../stacks/context.ts';
import type { AccountConfig } from './account-config.ts';

/** Tag of everything that a run creates and that takes tags. Without it, a run removes nothing. */
export const SMOKE_TAG = { Key: 'suture:smoke', Value: 'true' };
/** Returns the name of what a run creates, such as `suture-smoke`. */
export const smokeName = ({ context }: Pick<Smoke, 'context'>): string => namesOf(context).own('smoke');

export type Smoke = {
  readonly context: SutureContext;
  /** The member account in which the run works, in the home Region. */
  readonly member: string;
  /** Settings of SDK clients of an account, by default in the home Region. */
  readonly config: (account: string, region?: string) => AccountConfig;
  readonly now: () => number;
  readonly startedAt: number;
  /** Rejects when the run is interrupted. */
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly progress: (line: string) => void;
};

const POLL_MS = 10_000;

/** The answer of AWS that a step waits for is not there yet; the message says what is there instead. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
}

/**
 * Asks until the answer is no longer NotYet.
 * @throws Error that says what did not come about within that time
 */
export async function waitFor<T>(
  smoke: Pick<Smoke, 'now' | 'pause' | 'progress'>,
  what: string,
  minutes: number,
  ask: () => Promise<T>,
): Promise<T> {
  smoke.progress(`waiting for ${what}, up to ${minutes} minutes`);
  const end = smoke.now() + minutes * 60_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NotYet)) throw error;
      if (smoke.now() >= end)
        throw new Error(`After ${minutes} minutes there is still no sign of ${what}: ${error.message}`);
    }
    await smoke.pause(POLL_MS);
  }
}

/** Repeats the call while AWS denies it: IAM takes a while to propagate a change. */
export const untilAllowed = <T>(smoke: Smoke, what: string, minutes: number, call: () => Promise<T>): Promise<T> =>
  waitFor(smoke, what, minutes, () =>
    call().catch((error) => {
      throw isDenial(error) ? new NotYet(errorDescription(error)) : error;
    }),
  );

/** @throws Error that says what AWS allowed, or another error than a denial */
export async function expectDenial(what: string, call: () => Promise<unknown>): Promise<void> {
  const error = await call().then(
    () => undefined,
    (thrown) => thrown,
  );
  if (error === undefined) throw new Error(`AWS allowed ${what}, which it must deny.`);
  if (!isDenial(error)) throw error;
}
