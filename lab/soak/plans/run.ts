/** Runs random plans through the deployed workflow, and shrinks one that fails. */
import * as fc from 'fast-check';
import * as z from 'zod';
import { readProgress, saveProgress } from '../progress.ts';
import { withInstallation } from '../with-installation.ts';
import { type SoakPlan, soakPlans } from './plan.ts';
import { PLAN_MEMBERS, PLAN_POLICY, runPlan } from './run-plan.ts';

export type PlansOptions = {
  readonly runs: number;
  readonly seed: number;
  readonly state: string;
  readonly progress: (line: string) => void;
};

const PLANS_EACH_PART = 20;
const PlansPart = z.object({ plansRun: z.int() });
type PlansPart = z.infer<typeof PlansPart>;

export type PlansReport = {
  readonly plansRun: number;
  readonly smallest?: SoakPlan;
  readonly problems: readonly string[];
};

/**
 * Runs the parts that the progress file does not have yet. A part with a failing plan is not saved, so it runs again.
 */
export async function runPlansSoak({ runs, seed, state, progress }: PlansOptions): Promise<PlansReport> {
  const parameters = { soak: 'plans', runs, seed };
  const done = await readProgress(state, parameters, PlansPart);
  const parts = Math.ceil(runs / PLANS_EACH_PART);
  if (done.length > 0) progress(`${countOf(done)} plans were run before`);
  if (done.length === parts) return { plansRun: countOf(done), problems: [] };
  progress('deploying the templates');
  return withInstallation({ members: PLAN_MEMBERS, policy: PLAN_POLICY, seed }, async (installation) => {
    let nth = 0;
    const problemsAfter = async (plan: SoakPlan) => {
      nth += 1;
      const problems = await runPlan(installation, plan, nth);
      if (problems.length > 0) progress(`plan ${nth} fails and is reduced: ${problems[0]}`);
      return problems;
    };
    while (done.length < parts) {
      const n = done.length;
      const report = await findSmallestFailure(partSize(runs, n), seed + n, problemsAfter);
      if (report.problems.length > 0) return { ...report, plansRun: countOf(done) + report.plansRun };
      done.push({ plansRun: report.plansRun });
      await saveProgress(state, parameters, done);
      progress(`${countOf(done)} of ${runs} plans are done`);
    }
    return { plansRun: countOf(done), problems: [] };
  });
}

const countOf = (parts: readonly PlansPart[]) => parts.reduce((sum, { plansRun }) => sum + plansRun, 0);
const partSize = (runs: number, part: number) => Math.min(PLANS_EACH_PART, runs - part * PLANS_EACH_PART);

/**
 * Runs random plans until one fails, and shrinks that one.
 * @param problemsAfter runs a plan and returns its problems, a sentence each
 */
export async function findSmallestFailure(
  runs: number,
  seed: number,
  problemsAfter: (plan: SoakPlan) => Promise<readonly string[]>,
): Promise<PlansReport> {
  let plansRun = 0;
  let lastProblems: readonly string[] = [];
  const property = fc.asyncProperty(soakPlans, async (plan) => {
    plansRun += 1;
    const problems = await problemsAfter(plan);
    // Shrinking continues only from a plan that fails, so the last plan that failed is the smallest.
    if (problems.length > 0) lastProblems = problems;
    return problems.length === 0;
  });
  const { counterexample, failed, errorInstance } = await fc.check(property, { numRuns: runs, seed });
  // A plan without problems fails only if `problemsAfter` throws.
  if (failed && lastProblems.length === 0) throw errorInstance;
  const smallest = counterexample?.[0];
  return { plansRun, ...(smallest && { smallest }), problems: lastProblems };
}
