/** Plans at random through the executed workflow; of those that end wrong, the smallest that still does. */
import * as fc from 'fast-check';
import * as z from 'zod';
import { installed } from '../installation.ts';
import { doneIn, keep } from '../progress.ts';
import { carriedOut, MEMBERS, POLICY } from './carry-out.ts';
import { PLANS, type Plan } from './plan.ts';

export type PlansOptions = {
  /** Plans to carry out. */
  readonly runs: number;
  readonly seed: number;
  /** Where progress is kept. */
  readonly state: string;
  readonly progress: (line: string) => void;
};

/** Plans that are begun together: between two such parts progress is kept. */
const PART = 20;
/** A part in which every plan ended right. */
const Part = z.object({ carriedOut: z.int() });

export type PlansReport = {
  /** Plans that were carried out, those of shrinking among them. */
  readonly carriedOut: number;
  /** The smallest plan that ends wrong, if any does. */
  readonly smallest?: Plan;
  readonly problems: readonly string[];
};

/** Goes on with the parts that the file does not have yet. A part in which one ends wrong is not kept: it comes again. */
export async function plans({ runs, seed, state, progress }: PlansOptions): Promise<PlansReport> {
  const asked = { soak: 'plans', runs, seed };
  const done = await doneIn(state, asked, Part);
  const parts = Math.ceil(runs / PART);
  const carriedOutSoFar = () => done.reduce((sum, part) => sum + part.carriedOut, 0);
  if (done.length > 0) progress(`${carriedOutSoFar()} plans were carried out before`);
  if (done.length === parts) return { carriedOut: carriedOutSoFar(), problems: [] };
  progress('deploying the templates');
  return installed({ members: MEMBERS, policy: POLICY, seed }, async (soaked) => {
    let nth = 0;
    const wrong = async (plan: Plan) => {
      nth += 1;
      const problems = await carriedOut(soaked, plan, nth);
      if (problems.length > 0) progress(`plan ${nth} ends wrong, and is made smaller: ${problems[0]}`);
      return problems;
    };
    while (done.length < parts) {
      const part = done.length;
      const report = await smallestWrong(Math.min(PART, runs - part * PART), seed + part, wrong);
      if (report.problems.length > 0) return { ...report, carriedOut: carriedOutSoFar() + report.carriedOut };
      done.push({ carriedOut: report.carriedOut });
      await keep(state, asked, done);
      progress(`${carriedOutSoFar()} of ${runs} plans are carried out`);
    }
    return { carriedOut: carriedOutSoFar(), problems: [] };
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
