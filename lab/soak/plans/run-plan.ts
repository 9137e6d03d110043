/** Runs a plan through the deployed workflow, replays what failed, and checks the result. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { countText } from '../../../cli/output/count-text.ts';
import { isEqual } from '../../../functions/contract/is-equal.ts';
import type { JournalEntry } from '../../../functions/domain/journal.ts';
import { dynamoJournal } from '../../../functions/ledger/journal.ts';
import { journalKeyOf } from '../../organization/finding.ts';
import { LAB_NAMES } from '../../organization/lab-names.ts';
import { WITHOUT_LIMITS } from '../../simulate/policy.ts';
import { makeFaultyResources, type PreparedFinding } from '../make-faulty-resources.ts';
import type { FindingSpec } from '../mix.ts';
import { memberWrites } from '../policy-change/writes.ts';
import { replayFailures } from '../replay-failures.ts';
import { readResourceState } from '../resource-state.ts';
import { importFinding, operatorOf, type SoakInstallation, withFaults } from '../soak-installation.ts';
import { faultRuleOf, PLAN_MODES, type SoakPlan } from './plan.ts';

const CONTROL = 'EC2.13';
const accountOf = (mode: SoakPlan['mode']) => String(300_000_000_001 + PLAN_MODES.indexOf(mode));

export const PLAN_MEMBERS = PLAN_MODES.map((mode) => ({ id: accountOf(mode), name: mode }));
export const PLAN_POLICY = {
  version: 1,
  controls: { [CONTROL]: { accounts: Object.fromEntries(PLAN_MODES.map((mode) => [accountOf(mode), mode])) } },
  ...WITHOUT_LIMITS,
};

const CACHE_AGE_MS = 10 * 60_000;

/**
 * Returns the problems after the plan.
 * @param nth number of the plan in this installation: each plan makes its own resources
 */
export async function runPlan(
  installation: SoakInstallation,
  { mode, findings, faults }: SoakPlan,
  nth: number,
): Promise<string[]> {
  const { sandbox } = installation;
  await sandbox.kernel.clock.advance(CACHE_AGE_MS);
  const prepared = (await makeFaultyResources(installation, specsOf(mode, findings, nth))).map((each, n) =>
    withFindingName(each, `${nth}-${n}`),
  );
  const writesBefore = memberWrites(sandbox.kernel).length;
  await withFaults(installation, faults.map(faultRuleOf), async () => {
    for (const { finding, spec } of prepared)
      for (let event = 0; event < spec.events; event++) importFinding(installation, finding);
    await sandbox.settled();
  });
  await replayFailures(installation);
  const writes = memberWrites(sandbox.kernel).length - writesBefore;
  return problemsAfter(installation, mode, prepared, writes);
}

function specsOf(mode: SoakPlan['mode'], findings: SoakPlan['findings'], nth: number): FindingSpec[] {
  let resource = 0;
  return findings.map(({ events, sameResource }) => {
    resource += sameResource ? 0 : 1;
    const place = { account: accountOf(mode), resource: nth * 10 + resource };
    return { kind: 'faulty', control: CONTROL, scenarioControl: CONTROL, events, ...place };
  });
}

const withFindingName = (prepared: PreparedFinding, name: string): PreparedFinding => ({
  ...prepared,
  finding: { ...prepared.finding, Id: prepared.finding.Id.replace(/[^/]+$/, name) },
});

/**
 * Returns the problems: in mode `auto`, exactly one finding must have changed a resource, with its undo; in other modes
 * none. Each event must be in the ledger.
 */
async function problemsAfter(
  installation: SoakInstallation,
  mode: SoakPlan['mode'],
  prepared: readonly PreparedFinding[],
  writes: number,
): Promise<string[]> {
  const problems: string[] = [];
  if (mode !== 'auto' && writes > 0) problems.push(`policy says ${mode}, and ${writes} writes were made`);
  for (const ofResource of Map.groupBy(prepared, ({ spec }) => spec.resource).values())
    problems.push(
      ...(await ledgerProblems(installation, mode, ofResource)),
      ...(await resourceProblems(installation, mode, ofResource)),
    );
  return problems;
}

async function ledgerProblems(
  installation: SoakInstallation,
  mode: SoakPlan['mode'],
  prepared: readonly PreparedFinding[],
): Promise<string[]> {
  const problems: string[] = [];
  const { ledger } = await operatorOf(installation);
  const lines = (await Promise.all(prepared.map(({ finding }) => ledger.history(finding.Id)))).flat();
  const outcomes = lines.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'FAILED');
  const events = prepared.reduce((sum, { spec }) => sum + spec.events, 0);
  if (outcomes.length !== events)
    problems.push(
      `${countText(events, 'event has', 'events have')} ${countText(outcomes.length, 'outcome')} in the ledger`,
    );
  const fixes = outcomes.filter((outcome) => outcome === 'FIXED').length;
  if (fixes !== (mode === 'auto' ? 1 : 0))
    problems.push(`policy says ${mode}, and a resource was fixed ${countText(fixes, 'time')}`);
  return problems;
}

async function resourceProblems(
  installation: SoakInstallation,
  mode: SoakPlan['mode'],
  prepared: readonly PreparedFinding[],
): Promise<string[]> {
  const [{ ref, before, preparedAt }] = prepared as [PreparedFinding];
  const now = await readResourceState(installation.sandbox, ref, preparedAt);
  const changes = await journalEntries(installation, prepared);
  if (mode !== 'auto')
    return [
      ...(isEqual(now.state, before.state) ? [] : [`policy says ${mode}, and the resource is ${text(now.state)}`]),
      ...(changes.length === 0
        ? []
        : [`policy says ${mode}, and the journal has ${countText(changes.length, 'change')}`]),
    ];
  return [
    ...(now.isCompliant ? [] : [`the resource is ${text(now.state)}, which is not compliant`]),
    ...(changes.length === 1 ? [] : [`the journal has ${changes.length} changes of one resource`]),
    ...changes
      .filter((entry) => entry.status !== 'done' || !isEqual(entry.before, before.state))
      .map((entry) => `the journal has a change that is ${entry.status}, with the undo ${text(entry.before)}`),
  ];
}

async function journalEntries(
  { sandbox, context }: SoakInstallation,
  prepared: readonly PreparedFinding[],
): Promise<JournalEntry[]> {
  const journal = dynamoJournal(
    LAB_NAMES.journalTable,
    new DynamoDBClient(sandbox.administrator(context.serviceAccount)),
  );
  const keys = new Set(prepared.map(({ ref, finding }) => journalKeyOf(ref.module, finding)));
  const entries = await Promise.all([...keys].map((key) => journal.entries(key)));
  return entries.flatMap(([newest]) => newest ?? []);
}

const text = (value: unknown) => JSON.stringify(value);
