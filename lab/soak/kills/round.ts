/** A fix and its rollback through the deployed workflow, with the function killed up to once in each. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type ReplayReport, replayCommand } from '../../../cli/commands/replay.ts';
import { type RollbackReport, rollbackCommand } from '../../../cli/commands/rollback.ts';
import { isEqual } from '../../../functions/contract/is-equal.ts';
import { dynamoJournal } from '../../../functions/ledger/journal.ts';
import { findingById } from '../../../sandbox/services/securityhub/simulation.ts';
import { approveChanges } from '../../organization/approve-changes.ts';
import { type ControlFinding, journalKeyOf } from '../../organization/finding.ts';
import { LAB_NAMES } from '../../organization/lab-names.ts';
import { traceOf } from '../../organization/trace.ts';
import { readResourceState } from '../resource-state.ts';
import { importFinding, operatorOptions, type SoakInstallation, withFaults } from '../soak-installation.ts';
import { type KillPoint, killAtCall } from './kill-at-call.ts';
import { type FixResult, fixProblems, type RollbackResult, rollbackProblems } from './round-problems.ts';
import { findingAbout, type KillSubject } from './subjects.ts';

export type KillRound = {
  /** Killed attempts included. */
  readonly fixCalls: number;
  readonly rollbackCalls: number;
  readonly kills: number;
  readonly replayed: number;
  readonly after: unknown;
  readonly isRestored: boolean;
  readonly problems: readonly string[];
};

export type KillRoundOptions = {
  readonly killPoint?: KillPoint;
  /** A round of the same resource without kills, which must leave the same state. */
  readonly reference?: KillRound;
};

/** @param findingName unique in the installation */
export async function runRound(
  installation: SoakInstallation,
  subject: KillSubject,
  findingName: string,
  { killPoint, reference }: KillRoundOptions = {},
): Promise<KillRound> {
  const { module } = subject.ref;
  const finding = findingAbout(installation, subject, findingName);
  const fixCounter = killAtCall(module, killPoint);
  const fix = await withFaults(installation, [fixCounter.rule], () => runFix(installation, subject, finding));
  const rollbackCounter = killAtCall(module, killPoint);
  const rollback = await withFaults(installation, [rollbackCounter.rule], () =>
    runRollback(installation, subject, finding),
  );
  const problems = [
    ...fixProblems(subject, fix, reference?.after).map((text) => `the fix${fixCounter.killText()} ${text}`),
    ...rollbackProblems(subject, fix, rollback).map((text) => `the rollback${rollbackCounter.killText()} ${text}`),
  ];
  return {
    fixCalls: fixCounter.calls(),
    rollbackCalls: rollbackCounter.calls(),
    kills: fixCounter.kills() + rollbackCounter.kills(),
    replayed: fix.replayed + rollback.replayed,
    after: fix.state,
    isRestored: isEqual(rollback.state, subject.before.state),
    problems,
  };
}

async function runFix(
  installation: SoakInstallation,
  subject: KillSubject,
  finding: ControlFinding,
): Promise<FixResult> {
  const { sandbox, context } = installation;
  const { module, control, place } = subject.ref;
  const eventId = importFinding(installation, finding);
  await sandbox.settled();
  if (module.risk === 'destructive')
    await approveChanges(sandbox, context.securityAccount, [{ control, account: place.account }]);
  await sandbox.settled();
  const failed = traceOf(sandbox.kernel, eventId, finding).outcome === 'FAILED';
  const replayed = failed ? (await replay(installation, finding)).length : 0;
  const { outcome, reason, before } = traceOf(sandbox.kernel, eventId, finding);
  return {
    outcome,
    reason,
    before,
    replayed,
    ...(await stateAndEntry(installation, subject, finding)),
    status: findingById(sandbox.kernel, finding.Id)?.Workflow?.Status,
  };
}

async function runRollback(
  installation: SoakInstallation,
  subject: KillSubject,
  finding: ControlFinding,
): Promise<RollbackResult> {
  const { text } = await rollbackCommand(finding.Id, { ...operatorOptions(installation), reason: 'it was a drill' });
  await installation.sandbox.settled();
  const { results, problems }: RollbackReport = JSON.parse(text);
  const replayed = results[0]?.status === 'FAILED' ? await replay(installation, finding) : [];
  const last = replayed[0] ?? results[0];
  return {
    outcome: last?.outcome ?? 'nothing',
    reason: last?.why ?? problems.join('; '),
    replayed: replayed.length,
    ...(await stateAndEntry(installation, subject, finding)),
  };
}

async function replay(installation: SoakInstallation, { Id }: ControlFinding): Promise<ReplayReport['results']> {
  const { text } = await replayCommand(Id, { ...operatorOptions(installation), reason: 'the function was killed' });
  await installation.sandbox.settled();
  const { results }: ReplayReport = JSON.parse(text);
  return results;
}

async function stateAndEntry(
  { sandbox, context }: SoakInstallation,
  { ref, preparedAt }: KillSubject,
  finding: ControlFinding,
) {
  const { state, isCompliant } = await readResourceState(sandbox, ref, preparedAt);
  const client = new DynamoDBClient(sandbox.administrator(context.serviceAccount));
  const [entry] = await dynamoJournal(LAB_NAMES.journalTable, client).entries(journalKeyOf(ref.module, finding));
  return { state, isCompliant, entry };
}
