/** Makes the updates of one group of findings: a hundred a call, item by item where some are taken and others are not. */
import {
  BatchUpdateFindingsCommand,
  type BatchUpdateFindingsCommandOutput,
  type SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { isNamed, isThrottling, isUnavailable, text } from '../contract/errors.ts';
import type { Group, Updated } from './batch.ts';
import type { Pace } from './pace.ts';

/** Findings that BatchUpdateFindings takes in one call. */
const MOST_FINDINGS = 100;
/** Error codes of UnprocessedFindings that may pass. */
const PASSING = new Set(['ConcurrentUpdateError', 'InternalError', 'InternalException', 'Throttled']);
/** Milliseconds that records and answers need after the last call. */
const AFTERWARDS = 30_000;

export type Hub = {
  /** Without retries of its own: a throttled call is made again at the pace. */
  readonly securityHub: SecurityHubClient;
  readonly pace: Pace;
  /** Milliseconds until the function times out. */
  readonly timeLeft: () => number;
};

export type Result = {
  readonly finding: Updated;
  readonly kind: 'done' | 'refused' | 'again';
  readonly because?: string;
};

/**
 * Tells what became of the findings, call by call, each finding once. One that Security Hub could not take for the moment
 * joins a later call of its group, which costs no call of its own, or one after all others; then it is to come again.
 */
export async function* updateAll(groups: readonly Group[], hub: Hub): AsyncGenerator<Result[]> {
  const later: Group[] = [];
  for (const { update, findings } of groups) {
    const left = [...findings];
    const retried = new Set<Updated>();
    while (left.length > 0) {
      const results = await call(update, left.splice(0, MOST_FINDINGS), hub);
      const hasTime = hub.timeLeft() >= AFTERWARDS;
      const again = results.filter(({ kind, finding }) => hasTime && kind === 'again' && !retried.has(finding));
      for (const { finding } of again) retried.add(finding);
      const unsettled = again.map(({ finding }) => finding);
      if (left.length > 0) left.push(...unsettled);
      else if (again.length > 0) later.push({ update, findings: unsettled });
      yield results.filter((result) => !again.includes(result));
    }
  }
  for (const { update, findings } of later) yield call(update, findings, hub);
}

async function call(update: Group['update'], findings: readonly Updated[], hub: Hub): Promise<Result[]> {
  const all = (kind: Result['kind'], because: string) => findings.map((finding) => ({ finding, kind, because }));
  const input = {
    FindingIdentifiers: findings.map(({ id, productArn }) => ({ Id: id, ProductArn: productArn })),
    Workflow: { Status: update.status },
    Note: { Text: update.note.slice(0, 512), UpdatedBy: 'suture' },
  };
  while (true) {
    await hub.pace.turn();
    try {
      const answered = await hub.securityHub.send(new BatchUpdateFindingsCommand(input));
      hub.pace.taken();
      return itemByItem(findings, answered);
    } catch (error) {
      if (isNamed(error, 'InvalidInputException') && findings.length > 1) return apart(update, findings, hub);
      if (!isThrottling(error) && !isUnavailable(error)) return all('refused', text(error));
      hub.pace.throttled();
      if (hub.timeLeft() < AFTERWARDS) return all('again', text(error));
    }
  }
}

/** Security Hub refuses a call whole for one finding that it cannot read: halves find it, and the others are updated. */
async function apart(update: Group['update'], findings: readonly Updated[], hub: Hub): Promise<Result[]> {
  const half = Math.ceil(findings.length / 2);
  const before = await call(update, findings.slice(0, half), hub);
  return [...before, ...(await call(update, findings.slice(half), hub))];
}

function itemByItem(findings: readonly Updated[], { UnprocessedFindings }: BatchUpdateFindingsCommandOutput): Result[] {
  const refused = new Map(
    (UnprocessedFindings ?? []).map(({ FindingIdentifier, ErrorCode, ErrorMessage }) => [
      `${FindingIdentifier?.ProductArn} ${FindingIdentifier?.Id}`,
      { code: ErrorCode ?? 'Unknown', because: `${ErrorCode}: ${ErrorMessage}` },
    ]),
  );
  return findings.map((finding): Result => {
    const no = refused.get(`${finding.productArn} ${finding.id}`);
    if (!no) return { finding, kind: 'done' };
    return { finding, kind: PASSING.has(no.code) ? 'again' : 'refused', because: no.because };
  });
}
