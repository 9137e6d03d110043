/** Kills every remediation at every call of its function, in one organization. */

import * as z from 'zod';
import { UsageError } from '../../../cli/errors/usage-error.ts';
import { countText } from '../../../cli/output/count-text.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { nearestIds } from '../../../stacks/remediation-ids.ts';
import { automaticPolicy } from '../../simulate/policy.ts';
import { readProgress, saveProgress } from '../progress.ts';
import type { SoakInstallation } from '../soak-installation.ts';
import { withInstallation } from '../with-installation.ts';
import { KILL_KINDS, type KillPoint } from './kill-at-call.ts';
import { type KillRound, runRound } from './round.ts';
import { KILL_SCENARIOS, type KillScenario, prepareSubject, withScenarioParams } from './subjects.ts';

const KillsPart = z.object({
  remediation: z.string(),
  scenario: z.string(),
  /** Calls without kills: in the fix, and in its rollback. */
  fixCalls: z.int(),
  rollbackCalls: z.int(),
  kills: z.int(),
  replayed: z.int(),
  problems: z.array(z.string()).readonly(),
});
export type KillsPart = Readonly<z.infer<typeof KillsPart>>;

export type KillsOptions = {
  readonly remediation?: string;
  readonly seed: number;
  readonly state: string;
  readonly progress: (line: string) => void;
};

export type KillsReport = {
  readonly parts: readonly KillsPart[];
  readonly kills: number;
  readonly replayed: number;
  readonly problems: readonly string[];
};

/**
 * Runs the scenarios that the progress file does not have yet.
 * @throws UsageError for an unknown remediation
 */
export async function runKillsSoak({ state, progress, ...options }: KillsOptions): Promise<KillsReport> {
  const parameters = { soak: 'kills', ...options };
  const selected = scenariosOfRemediation(options.remediation);
  const done = await readProgress(state, parameters, KillsPart);
  const left = selected.slice(done.length);
  if (done.length > 0) progress(`${done.length} of ${countText(selected.length, 'scenario')} done before`);
  if (left.length > 0) {
    progress('deploying the templates');
    await withInstallation({ ...killsInstallation(left), seed: options.seed }, async (installation) => {
      for (const scenario of left) {
        const part = await killAtEveryCall(installation, scenario);
        done.push(part);
        await saveProgress(state, parameters, done);
        progress(`scenario ${done.length} of ${selected.length}: ${partText(part)}`);
      }
    });
  }
  return sumOfParts(done);
}

export const killsInstallation = (scenarios: readonly KillScenario[]) => ({
  members: scenarios.map(({ account }) => ({ id: account, name: `account ${account}` })),
  policy: automaticPolicy(REMEDIATIONS),
});

function scenariosOfRemediation(id: string | undefined): readonly KillScenario[] {
  const selected = KILL_SCENARIOS.filter(({ scenarios }) => id === undefined || scenarios.remediation.id === id);
  if (selected.length > 0) return selected;
  const near = nearestIds(id!, [...new Set(KILL_SCENARIOS.map(({ scenarios }) => scenarios.remediation.id))]);
  const hint = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : '';
  throw new UsageError(
    `There is no remediation ${id} with a scenario that ends in a fix.${hint} All names: npm run prove -- --list`,
  );
}

/**
 * Runs a round without kills, then rounds killed before and after each call. A round's rollback makes the resource
 * faulty for the next.
 */
async function killAtEveryCall(installation: SoakInstallation, scenario: KillScenario): Promise<KillsPart> {
  const rounds: KillRound[] = [];
  await withScenarioParams(installation, scenario, async () => {
    const first = await prepareSubject(installation, scenario, 0);
    let subject = first;
    for (const killPoint of killPoints(rounds)) {
      const name = `${scenario.account}-${rounds.length}`;
      // A resource that was created again has other ids, so its states differ from those of the first round.
      const reference = subject === first ? rounds[0] : undefined;
      const round = await runRound(installation, subject, name, { killPoint, reference });
      rounds.push(round);
      if (!round.isRestored) subject = await prepareSubject(installation, scenario, rounds.length);
    }
  });
  return partOf(scenario, rounds);
}

/** Yields undefined for the round without kills, and then points for each call of that round. */
function* killPoints(rounds: readonly KillRound[]): Generator<KillPoint | undefined> {
  yield undefined;
  const { fixCalls, rollbackCalls } = rounds[0]!;
  for (let call = 1; call <= Math.max(fixCalls, rollbackCalls); call++)
    for (const kind of KILL_KINDS) yield { call, kind };
}

function partOf(scenario: KillScenario, rounds: readonly KillRound[]): KillsPart {
  const sumBy = (count: (round: KillRound) => number) => rounds.reduce((sum, round) => sum + count(round), 0);
  const remediation = scenario.scenarios.remediation.id;
  const { fixCalls, rollbackCalls } = rounds[0]!;
  return {
    remediation,
    scenario: scenario.name,
    fixCalls,
    rollbackCalls,
    kills: sumBy(({ kills }) => kills),
    replayed: sumBy(({ replayed }) => replayed),
    problems: rounds.flatMap(({ problems }) => problems.map((text) => `${remediation}, ${scenario.name}: ${text}`)),
  };
}

const partText = ({ remediation, scenario, kills, problems }: KillsPart) =>
  `${remediation}, ${scenario}: killed ${countText(kills, 'time')}${problems.length > 0 ? `, ${countText(problems.length, 'problem')}` : ''}`;

function sumOfParts(parts: readonly KillsPart[]): KillsReport {
  const sumBy = (count: (part: KillsPart) => number) => parts.reduce((sum, part) => sum + count(part), 0);
  return {
    parts,
    kills: sumBy(({ kills }) => kills),
    replayed: sumBy(({ replayed }) => replayed),
    problems: parts.flatMap(({ problems }) => problems),
  };
}
