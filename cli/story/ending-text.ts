import { isFixedByOwner } from '../../functions/domain/grace.ts';
import { STILL_FAILING } from '../../functions/domain/ledger.ts';
import { shellWord } from '../../functions/domain/plain-text.ts';
import type { LedgerRecord } from '../../functions/ports/ledger-queries.ts';
import type { ExecutionReport, UnrecordedFailure } from '../clients/finding-report.ts';
import { shortId } from '../names/short-names.ts';
import { ageText } from '../output/age.ts';
import { SUTURE } from '../output/suture-command.ts';

export type FindingEnding = {
  readonly sentence: string;
  /** A command, and the condition under which a person types it. */
  readonly next?: string;
};

/** An execution that waits for nobody ends within minutes. */
const LATE_MS = 3_600_000;

/** Returns what became of the finding and why, and the command that follows, if a person may want one. */
export function endingOfFinding(
  record: LedgerRecord,
  now: number,
  executions: readonly Pick<
    ExecutionReport,
    'execution' | 'requests' | 'unrecorded' | 'outcome' | 'job' | 'reason' | 'ended'
  >[],
): FindingEnding {
  const { findingId, ofStatus, changedAt, reason, error, job } = record;
  const [since, ago] = [`for ${ageText(changedAt, now)}`, `${ageText(changedAt, now)} ago`];
  const id = shellWord(shortId(findingId));
  const again = `${SUTURE} replay ${id} --again --reason "…"`;
  const last = executions.findLast(({ outcome }) => outcome !== 'DUPLICATE');
  switch (ofStatus) {
    case 'OPEN': {
      const unrecorded = executions.find(({ execution }) => execution === record.lastExecution)?.unrecorded;
      if (typeof unrecorded === 'object') return unrecordedEnding(unrecorded, id);
      const isAsked = unrecorded !== 'not permitted';
      const sentence = `In progress for ${ageText(record.lastStarted, now)}${isAsked ? '' : ' by the ledger'}: ${reason}`;
      if (isAsked || now - Date.parse(record.lastStarted) <= LATE_MS) return { sentence };
      return {
        sentence,
        next: `your role may not ask Step Functions whether it failed meanwhile; an operator may, ${SUTURE} show ${id} --as operator`,
      };
    }
    case 'WAITING':
      return waitingEnding(record, since, now);
    case 'FAILED':
      if (job.work?.mode === 'rollback') return failedRollbackEnding(record, ago, id);
      return {
        sentence: `Failed ${ago} with ${error ?? 'an unknown error'}: ${reason.split('\n')[0]}`,
        next: `when the cause is gone, or policy exempts it, ${error === STILL_FAILING ? again : `${SUTURE} replay ${id} --reason "…"`}`,
      };
    case 'FIXED':
      if (last?.outcome === 'REFUSED' && last.job.work?.mode === 'rollback')
        return refusedRollbackEnding(last, `Fixed ${ago}`, id, now);
      return { sentence: `Fixed ${ago}: ${reason}`, next: `to undo it, ${SUTURE} rollback ${id} --reason "…"` };
    case 'COMPLIANT':
      if (isFixedByOwner(job)) return { sentence: `Was ${reason}, ${ago}` };
      return { sentence: `Was compliant already ${ago}, and nothing was changed: ${reason}` };
    case 'REFUSED':
      return { sentence: `Refused ${ago}: ${reason}`, next: `when that has changed, ${again}` };
    case 'NOTIFIED':
      return {
        sentence: `Left to its owner ${ago}, and nothing was changed: ${reason}`,
        next: `if Suture should change it after all, whenManagedBy in policy.yaml, then ${again}`,
      };
    case 'PLANNED':
      return {
        sentence: `Planned only, ${ago}, and nothing was changed: ${reason}`,
        next: `to process it as policy says, ${again}`,
      };
    case 'ARCHIVED':
      return { sentence: `Archived ${ago}: ${reason}`, next: `its suppression: ${SUTURE} suppressions` };
    case 'IGNORED':
      return { sentence: `Left alone ${ago}: ${reason}` };
    case 'REJECTED':
      return {
        sentence: `Rejected ${ago} as not genuine: ${reason}`,
        next: 'who started its execution, if Security Hub did not send it: docs/runbook.md#findings-rejected',
      };
    case 'ROLLED_BACK': {
      const [request] = executions.find(({ execution }) => execution === record.lastExecution)?.requests ?? [];
      const because = request ? ` because "${request.reason}"` : '';
      return {
        sentence: `Undone ${ago} by ${job.askedBy ?? 'somebody'}${because}; Suture leaves it alone from now on`,
        next: `to fix it after all, ${again}`,
      };
    }
  }
}

const unrecordedEnding = ({ outcome, why }: UnrecordedFailure, id: string): FindingEnding => ({
  sentence: `Its execution failed with ${outcome}: ${withoutFullStop(why.split('\n')[0]!)}. The ledger does not have this yet, and shows the finding as open`,
  next: `if it stays so for minutes, docs/runbook.md#failures-errors; when the cause is gone, ${SUTURE} replay ${id} --reason "…"`,
});

function failedRollbackEnding({ error, reason }: LedgerRecord, ago: string, id: string): FindingEnding {
  const sentence = `Its rollback failed ${ago} with ${error ?? 'an unknown error'}: ${reason.split('\n')[0]}`;
  const replay = `${SUTURE} replay ${id} --reason "…"`;
  if (error !== 'RollbackFailed')
    return { sentence, next: `when the cause is gone, to go on with the rollback, ${replay}` };
  return {
    sentence,
    next: `bring the resource to the state before by hand: docs/runbook.md#rollback-failed; then ${replay}`,
  };
}

/** Says why the fix stands. Another rollback would be refused alike, unless the reason lets a person force it. */
function refusedRollbackEnding(
  { reason, ended, job: { result } }: Pick<ExecutionReport, 'reason' | 'ended' | 'job'>,
  fixed: string,
  id: string,
  now: number,
): FindingEnding {
  const because = result?.kind === 'refused' ? result.because : reason;
  const ago = ended === undefined ? '' : ` ${ageText(ended, now)} ago`;
  const [, next] = AFTER_REFUSED_ROLLBACK.find(([beginning]) => because.startsWith(beginning)) ?? [];
  return {
    sentence: `${fixed}, and the fix stands: the last rollback was refused${ago}: ${because}`,
    next: (next ?? restoreByHand)(id),
  };
}

const restoreByHand = (id: string): string =>
  `restore by hand what the owner needs; the state before is in ${SUTURE} show ${id} --all`;

/** By the beginning of the reason that a remediation's function gives. */
const AFTER_REFUSED_ROLLBACK: readonly (readonly [beginning: string, next: (id: string) => string])[] = [
  [
    'somebody changed the journal',
    () =>
      "do not undo it by Suture: treat the remediation's role as stolen, and restore by hand from the locked copy: docs/runbook.md#journal-differs",
  ],
  [
    'the request differs from the journal',
    () => 'undo the later change first, or find out who forged the line: docs/runbook.md#at-three-in-the-morning',
  ],
  [
    'the resource has changed since',
    (id) =>
      `let its owner see the difference; to undo it and lose that change, ${SUTURE} rollback ${id} --force --reason "…"`,
  ],
];

const withoutFullStop = (text: string): string => text.replace(/\.$/, '');

function waitingForOwnerEnding(
  { dueBy, toldAt, notice, owner }: LedgerRecord['job'],
  reason: string,
  id: string,
): FindingEnding {
  const who = owner ? `Its owner, ${owner.name},` : 'Its owner, whom policy does not name,';
  const reminded = notice === 'reminder' ? ', was reminded,' : '';
  return {
    sentence: `${who} was told ${toldAt}${reminded} and has time until ${dueBy}. It ${reason}`,
    next: `to change it now, ${SUTURE} replay ${id} --early --reason "…"`,
  };
}

function waitingEnding({ findingId, reason, job, trace }: LedgerRecord, since: string, now: number): FindingEnding {
  if (job.dueBy !== undefined) return waitingForOwnerEnding(job, reason, shellWord(shortId(findingId)));
  const isAsked = job.result?.kind === 'planned' && job.result.awaits === 'approval';
  if (!isAsked) return { sentence: `Waits ${since}${nextLook(job, now)}: ${reason}` };
  return {
    sentence: `Waits ${since} for a person's approval: ${reason}`,
    next: `to see the plan and answer, ${SUTURE} approve ${trace.slice(0, 8)}`,
  };
}

/** The execution sleeps until then, whatever changes in the meantime. */
const nextLook = ({ result }: LedgerRecord['job'], now: number): string =>
  result?.kind === 'deferred' && Date.parse(result.until) > now ? `, and looks again at ${result.until}` : '';
