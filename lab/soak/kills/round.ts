/** A fix and its undo through the executed workflow, with the function killed once in each. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type ReplayReport, replayCommand } from '../../../cli/commands/replay.ts';
import { type RollbackReport, rollbackCommand } from '../../../cli/commands/rollback.ts';
import { same } from '../../../functions/domain/same.ts';
import { dynamoJournal, journalKey } from '../../../functions/ledger/journal.ts';
import type { FaultRule } from '../../../sandbox/kernel/kernel.ts';
import { findingOf } from '../../../sandbox/services/securityhub/index.ts';
import { JOURNAL_TABLE } from '../../../stacks/names.ts';
import { approve } from '../../organization/approve.ts';
import type { ControlFinding } from '../../organization/finding.ts';
import { traceOf } from '../../organization/trace.ts';
import { atTheDesk, emit, type Soaked } from '../soak-installation.ts';
import { reading } from '../state.ts';
import { found, type Subject } from './faulty.ts';
import { type Killing, killer } from './killing.ts';
import { type Fixed, type Undone, wrongFix, wrongUndo } from './wrong.ts';

export type Round = {
  /** Calls that the function made, killed attempts included. */
  readonly fixing: number;
  readonly undoing: number;
  readonly kills: number;
  /** Executions that did not go on by themselves. */
  readonly replayed: number;
  /** The state that the fix left. */
  readonly after: unknown;
  /** Whether the resource is again as it was. */
  readonly isRestored: boolean;
  /** A sentence each, without the case. */
  readonly problems: readonly string[];
};

/** @param undisturbed how a fix of the same resource ends whose function nobody kills; absent for that one itself */
export async function playRound(
  soaked: Soaked,
  subject: Subject,
  finding: string,
  killing?: Killing,
  undisturbed?: Round,
): Promise<Round> {
  const { module } = subject.watched;
  const made = found(soaked, subject, finding);
  const fix = killer(module, killing);
  const fixed = await under(soaked, fix.rule, () => fixedBy(soaked, subject, made));
  const undo = killer(module, killing);
  const undone = await under(soaked, undo.rule, () => undoneBy(soaked, subject, made));
  const problems = [
    ...wrongFix(subject, fixed, undisturbed?.after).map((what) => `the fix${fix.inWords()} ${what}`),
    ...wrongUndo(subject, fixed, undone).map((what) => `the undo${undo.inWords()} ${what}`),
  ];
  return {
    fixing: fix.calls(),
    undoing: undo.calls(),
    kills: fix.kills() + undo.kills(),
    replayed: fixed.replayed + undone.replayed,
    after: fixed.state,
    isRestored: same(undone.state, subject.before.state),
    problems,
  };
}

async function under<T>({ sandbox: { kernel } }: Soaked, rule: FaultRule, work: () => Promise<T>): Promise<T> {
  kernel.faults.push(rule);
  try {
    return await work();
  } finally {
    kernel.faults.splice(kernel.faults.indexOf(rule), 1);
  }
}

/** The workflow retries by itself; what failed for all that is replayed once. */
async function fixedBy(soaked: Soaked, subject: Subject, finding: ControlFinding): Promise<Fixed> {
  const { sandbox, context } = soaked;
  const { module, control, place } = subject.watched;
  const event = emit(soaked, finding);
  await sandbox.settled();
  if (module.risk === 'destructive')
    await approve(sandbox, context.securityAccount, [{ control, account: place.account }]);
  await sandbox.settled();
  const failed = traceOf(sandbox.kernel, event, finding).outcome === 'FAILED';
  const replayed = failed ? (await replay(soaked, finding)).length : 0;
  const { outcome, reason, before } = traceOf(sandbox.kernel, event, finding);
  return {
    outcome,
    reason,
    before,
    replayed,
    ...(await whatIs(soaked, subject, finding)),
    status: findingOf(sandbox.kernel, finding.Id)?.Workflow?.Status,
  };
}

async function undoneBy(soaked: Soaked, subject: Subject, finding: ControlFinding): Promise<Undone> {
  const { text } = await rollbackCommand(finding.Id, { ...atTheDesk(soaked), reason: 'it was a drill' });
  await soaked.sandbox.settled();
  const { ended, problems }: RollbackReport = JSON.parse(text);
  const again = ended[0]?.status === 'FAILED' ? await replay(soaked, finding) : [];
  const last = again[0] ?? ended[0];
  return {
    outcome: last?.outcome ?? 'nothing',
    reason: last?.why ?? problems.join('; '),
    replayed: again.length,
    ...(await whatIs(soaked, subject, finding)),
  };
}

async function replay(soaked: Soaked, { Id }: ControlFinding): Promise<ReplayReport['ended']> {
  const { text } = await replayCommand(Id, { ...atTheDesk(soaked), reason: 'the function was killed' });
  await soaked.sandbox.settled();
  const { ended }: ReplayReport = JSON.parse(text);
  return ended;
}

/** The resource, and the journal's newest entry of the finding. */
async function whatIs({ sandbox, context }: Soaked, { watched, at }: Subject, { Id }: ControlFinding) {
  const { state, isRight } = await reading(sandbox, watched, at);
  const client = new DynamoDBClient(sandbox.administrator(context.serviceAccount));
  const entry = await dynamoJournal(JOURNAL_TABLE, client).newest(journalKey(watched.module.id, Id));
  return { state, isRight, entry };
}
