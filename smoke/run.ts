/** Runs steps and removes what they created, whatever happens. */
import { Interrupted } from '../cli/errors/interrupted.ts';
import { errorDescription } from '../functions/contract/errors.ts';
import type { Smoke } from './smoke.ts';
import type { SmokeCreation, SmokeStep } from './step.ts';

export type SmokeResult = {
  readonly step: string;
  readonly proves: string;
  readonly status: 'passed' | 'failed' | 'not run';
  /** Facts that the step found. */
  readonly facts: readonly string[];
  /** Why it failed or did not run. */
  readonly reason?: string;
  readonly seconds: number;
};

export type SmokeRun = {
  readonly results: readonly SmokeResult[];
  /** Resources that could not be removed, and why. */
  readonly left: readonly string[];
  readonly interrupted: boolean;
};

/**
 * Removes what a killed run left, runs the steps, and removes what they created. If the first fails, no step runs.
 * @param creations of all steps, also of those that do not run now
 */
export async function runSteps(
  smoke: Smoke,
  steps: readonly SmokeStep[],
  creations: readonly SmokeCreation[],
): Promise<SmokeRun> {
  smoke.progress('removing what an earlier run may have left');
  const before = await removeCreations(smoke, creations);
  if (before.length > 0)
    return {
      results: notRun(steps, 'what an earlier run may have left could not be removed'),
      left: before,
      interrupted: false,
    };
  const results: SmokeResult[] = [];
  let interrupted = false;
  try {
    for (const step of steps) results.push(await runStep(smoke, step));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    interrupted = true;
    results.push(...notRun(steps.slice(results.length), error.message));
  } finally {
    smoke.progress('removing what the run created');
  }
  return { results, left: await removeCreations(smoke, creations), interrupted };
}

const notRun = (steps: readonly SmokeStep[], reason: string): SmokeResult[] =>
  steps.map(({ id, proves }) => ({ step: id, proves, status: 'not run', facts: [], reason, seconds: 0 }));

/** @throws Interrupted */
async function runStep(smoke: Smoke, { id, proves, run }: SmokeStep): Promise<SmokeResult> {
  smoke.progress(`${id}: proves that ${proves}`);
  const begun = smoke.now();
  const ended = (end: Pick<SmokeResult, 'status' | 'facts' | 'reason'>): SmokeResult => ({
    step: id,
    proves,
    ...end,
    seconds: Math.round((smoke.now() - begun) / 1000),
  });
  try {
    // Ends an interrupted run between two steps, too.
    await smoke.pause(0);
    const facts = await run(smoke);
    smoke.progress(`${id}: passed`);
    return ended({ status: 'passed', facts });
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    smoke.progress(`${id}: failed: ${errorDescription(error)}`);
    return ended({ status: 'failed', facts: [], reason: errorDescription(error) });
  }
}

export const creationsOf = (steps: readonly SmokeStep[]): SmokeCreation[] => [
  ...new Set(steps.flatMap(({ creates }) => creates)),
];

/** Returns what could not be removed, and why. Continues after a failure. */
export async function removeCreations(smoke: Smoke, creations: readonly SmokeCreation[]): Promise<string[]> {
  const left: string[] = [];
  for (const { what, remove } of creations)
    await remove(smoke).catch((error) => left.push(`${what}: ${errorDescription(error)}`));
  return left;
}
