/** Changes the policy while thousands of executions are open. */

import { countText } from '../../../cli/output/count-text.ts';
import { makeFaultyResources, type PreparedFinding } from '../make-faulty-resources.ts';
import { replayFailures } from '../replay-failures.ts';
import { activatePolicy, importFinding, type SoakInstallation } from '../soak-installation.ts';
import { withInstallation } from '../with-installation.ts';
import { checkEnds, type EndCounts, type GroupFinding } from './check-ends.ts';
import {
  FINAL_POLICY,
  GROUP_MEMBERS,
  type GroupFindingSpec,
  groupFindings,
  POLICY_AFTER,
  POLICY_BEFORE,
  type PolicyGroup,
} from './groups.ts';
import { ExecutionHold } from './hold-executions.ts';
import { memberWrites } from './writes.ts';

export type PolicyChangeOptions = {
  readonly findings: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
};

export type PolicyChangeReport = {
  readonly open: number;
  readonly openEnds: EndCounts['ends'];
  readonly laterEnds: EndCounts['ends'];
  readonly finalEnds: EndCounts['ends'];
  readonly problems: readonly string[];
};

/** Functions may use a policy for this long after they read it. */
const POLICY_AGE_MS = 60_000;
const OPEN_EACH_LATER = 10;

type AllowedEnds = Readonly<Record<PolicyGroup, readonly string[]>>;
/** The old policy applies as long as functions use it, but nothing is archived under a suppression that has ended. */
const OPEN_ENDS: AllowedEnds = {
  unchanged: ['FIXED'],
  off: ['FIXED', 'Stopped'],
  observe: ['FIXED', 'Stopped'],
  unsuppressed: ['FindingUpdateRefused'],
};
const REPLAYED_ENDS: AllowedEnds = { ...OPEN_ENDS, unsuppressed: ['FIXED'] };
const LATER_ENDS: AllowedEnds = {
  unchanged: ['FIXED'],
  off: ['ignore'],
  observe: ['PLANNED'],
  unsuppressed: ['FIXED'],
};

export const runPolicyChangeSoak = ({ findings, seed, progress }: PolicyChangeOptions): Promise<PolicyChangeReport> => {
  progress('deploying the templates');
  return withInstallation({ members: GROUP_MEMBERS, policy: POLICY_BEFORE, seed }, (installation) =>
    changePolicy(installation, findings, progress),
  );
};

async function changePolicy(
  installation: SoakInstallation,
  findings: number,
  progress: PolicyChangeOptions['progress'],
): Promise<PolicyChangeReport> {
  progress(`making the resources of ${countText(findings, 'finding')}`);
  const specs = [...groupFindings(findings), ...groupFindings(Math.ceil(findings / OPEN_EACH_LATER), findings)];
  const prepared = await makeFaultyResources(installation, specs);
  const { open, changedAt } = await changeWhileOpen(installation, prepared.slice(0, findings), progress);
  const openEnds = await checkEnds(installation, open, ({ group }) => OPEN_ENDS[group]);

  progress('more findings arrive, and failed executions are replayed under the new policy');
  const later = await importLater(installation, prepared.slice(findings));
  const laterEnds = await checkEnds(installation, later, ({ group }) => LATER_ENDS[group]);
  await replayFailures(installation);
  const replayedEnds = await checkEnds(installation, open, ({ group }) => REPLAYED_ENDS[group]);
  const forbiddenWrites = writesAgainstPolicy(installation, [...open, ...later], changedAt + POLICY_AGE_MS);

  progress('every control becomes automatic, and failed executions are replayed');
  const finalEnds = await fixEverything(installation, open);
  return {
    open: findings,
    openEnds: openEnds.ends,
    laterEnds: laterEnds.ends,
    finalEnds: finalEnds.ends,
    problems: [
      ...(openEnds.ends.Stopped ? [] : ['no open execution was stopped by the new policy']),
      ...[openEnds, laterEnds, replayedEnds, finalEnds].flatMap(({ problems }) => problems),
      ...forbiddenWrites,
    ],
  };
}

async function changeWhileOpen(
  installation: SoakInstallation,
  prepared: readonly PreparedFinding[],
  progress: PolicyChangeOptions['progress'],
): Promise<{ open: GroupFinding[]; changedAt: number }> {
  const { sandbox } = installation;
  const { clock, faults } = sandbox.kernel;
  const archives = prepared.filter(({ spec }) => groupOf(spec) === 'unsuppressed').length;
  const hold = new ExecutionHold({ changes: prepared.length - archives, archives });
  faults.push(hold.rule);
  const open = importAll(installation, prepared);
  await Promise.race([hold.reached, sandbox.settled()]);
  progress(
    `${countText(prepared.length, 'execution is open and waits', 'executions are open and wait')}; the policy changes`,
  );
  await activatePolicy(installation, POLICY_AFTER);
  const changedAt = clock.now();
  hold.release('half');
  await clock.advance(2 * POLICY_AGE_MS);
  hold.release('all');
  await sandbox.settled();
  return { open, changedAt };
}

async function importLater(
  installation: SoakInstallation,
  prepared: readonly PreparedFinding[],
): Promise<GroupFinding[]> {
  await installation.sandbox.kernel.clock.advance(POLICY_AGE_MS);
  const later = importAll(installation, prepared);
  await installation.sandbox.settled();
  return later;
}

/** Makes every control automatic, and replays failed executions. */
async function fixEverything(installation: SoakInstallation, open: readonly GroupFinding[]): Promise<EndCounts> {
  const { sandbox } = installation;
  await activatePolicy(installation, FINAL_POLICY);
  await sandbox.kernel.clock.advance(POLICY_AGE_MS);
  await replayFailures(installation);
  return checkEnds(installation, open, () => ['FIXED']);
}

const groupOf = (spec: PreparedFinding['spec']): PolicyGroup => (spec as GroupFindingSpec).group;

const importAll = (installation: SoakInstallation, prepared: readonly PreparedFinding[]): GroupFinding[] =>
  prepared.map((each) => ({
    ...each,
    spec: each.spec as GroupFindingSpec,
    eventId: importFinding(installation, each.finding),
  }));

/** Reports each write by an attempt that began when every function knew that the policy forbids it. */
function writesAgainstPolicy(
  { sandbox: { kernel } }: SoakInstallation,
  findings: readonly GroupFinding[],
  since: number,
): string[] {
  const forbidden = new Set(
    findings
      .filter(({ spec: { group } }) => group === 'off' || group === 'observe')
      .map(({ ref: { place } }) => place.account),
  );
  return memberWrites(kernel)
    .filter(({ account, attemptStartedAt }) => forbidden.has(account) && attemptStartedAt > since)
    .map(
      ({ account, operation, attemptStartedAt }) =>
        `${operation} in ${account}, by an attempt of ${new Date(attemptStartedAt).toISOString()}, is against the policy`,
    );
}
