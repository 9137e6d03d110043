/** Plans at random through the executed workflow; of those that end wrong, the smallest that still does. */
import * as fc from 'fast-check';
import { installed } from '../installation.ts';
import { carriedOut, MEMBERS, POLICY } from './carry-out.ts';
import { PLANS, type Plan } from './plan.ts';

export type PlansOptions = {
  /** Plans to carry out. */
  readonly runs: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
};

export type PlansReport = {
  /** Plans that were carried out, those of shrinking among them. */
  readonly carriedOut: number;
  /** The smallest plan that ends wrong, if any does. */
  readonly smallest?: Plan;
  readonly problems: readonly string[];
};

export async function plans({ runs, seed, progress }: PlansOptions): Promise<PlansReport> {
  progress('deploying the templates');
  return installed({ members: MEMBERS, policy: POLICY, seed }, (soaked) => {
    let nth = 0;
    return smallestWrong(runs, seed, async (plan) => {
      nth += 1;
      const problems = await carriedOut(soaked, plan, nth);
      if (problems.length > 0) progress(`plan ${nth} ends wrong, and is made smaller: ${problems[0]}`);
      else if (nth % 10 === 0) progress(`${nth} plans are carried out`);
      return problems;
    });
  });
}

/** @param wrong what is wrong after a plan, a sentence each */
export async function smallestWrong(
  runs: number,
  seed: number,
  wrong: (plan: Plan) => Promise<readonly string[]>,
): Promise<PlansReport> {
  let count = 0;
  let last: readonly string[] = [];
  const property = fc.asyncProperty(PLANS, async (plan) => {
    count += 1;
    const met = await wrong(plan);
    // What shrinks is tried until nothing smaller ends wrong: the last that did is the smallest.
    if (met.length > 0) last = met;
    return met.length === 0;
  });
  const { counterexample } = await fc.check(property, { numRuns: runs, seed });
  const smallest = counterexample?.[0];
  return { carriedOut: count, ...(smallest && { smallest }), problems: last };
}
