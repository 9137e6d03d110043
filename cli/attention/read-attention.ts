/** The items that need a person now, the most urgent first. */

import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { ApprovalView } from '../../functions/domain/approval.ts';
import { plainText, shellWord } from '../../functions/domain/plain-text.ts';
import { isSamePerson } from '../../functions/domain/same-person.ts';
import type { LedgerRecord } from '../../functions/ports/ledger-queries.ts';
import { approvalApi } from '../clients/approvals.ts';
import { articleOfQueue, type DeadLetterQueue, listDeadLetterQueues } from '../clients/dead-letters.ts';
import { listFindings } from '../clients/findings.ts';
import { installedNames } from '../clients/installed-names.ts';
import type { Operator } from '../clients/operator.ts';
import { type AttentionKind, attentionPoints, readStatus } from '../clients/status-report.ts';
import { rankIn, SEVERITIES } from '../forecast/dimensions.ts';
import { withoutUndefined } from '../input/without-undefined.ts';
import { countText } from '../output/count-text.ts';
import { withLikelyCauses } from '../story/likely-causes.ts';
import { ownCauses } from '../story/own-causes.ts';
import {
  type AttentionItem,
  approveAction,
  denyAction,
  exemptAction,
  redriveAction,
  replayAction,
  undoAction,
} from './attention-item.ts';

const SHORT_ID_DIGITS = 8;

/**
 * Yields failed rollbacks, which leave a resource in neither state, then failures by severity and age, then approvals by
 * their deadline, then dead letters.
 */
export async function* attentionItems(operator: Operator): AsyncGenerator<AttentionItem> {
  const failed: LedgerRecord[] = [];
  for await (const { findingId } of listFindings(operator, { status: 'FAILED' })) {
    const record = await operator.ledger.record(findingId);
    if (record) failed.push(record);
  }
  const isRollback = ({ job }: LedgerRecord) => job.work?.mode === 'rollback';
  for (const record of failed.filter(isRollback)) yield await failureItem(operator, record, 'rollback');
  for (const record of failed.filter((each) => !isRollback(each)).sort(byUrgency))
    yield await failureItem(operator, record, 'failure');
  const approvals = await approvalApi(new APIGatewayClient(operator.aws));
  for (const approval of await approvals.list()) yield approvalItem(approval, operator);
  for (const queue of await listDeadLetterQueues(operator)) if (queue.messages > 0) yield deadLetterItem(queue);
}

const WITH_ITEMS: ReadonlySet<AttentionKind> = new Set(['failed', 'approvals', 'deadLetters']);

/** Returns the lines of `status` about what needs a person and has no item. */
export async function attentionWithoutItems(operator: Operator): Promise<string[]> {
  const points = attentionPoints(await readStatus(operator, 1));
  return points.filter(({ kind }) => !WITH_ITEMS.has(kind)).map(({ text }) => text);
}

const byUrgency = (a: LedgerRecord, b: LedgerRecord): number =>
  rankIn(SEVERITIES, a.severity) - rankIn(SEVERITIES, b.severity) || a.changedAt.localeCompare(b.changedAt);

/** Offers no exemption if Suture itself is broken: the finding is not the reason. */
async function failureItem(
  { ledger }: Operator,
  record: LedgerRecord,
  kind: 'failure' | 'rollback',
): Promise<AttentionItem> {
  const { findingId, job, error, reason, changedAt, ofControl, severity, ofResource } = record;
  const line = (await ledger.history(findingId)).findLast(({ failure }) => failure);
  const word = shellWord(findingId);
  const text = line?.failure?.message ?? reason;
  const state = line?.failure?.state;
  const isOwn = ownCauses({ error: error ?? 'unknown', text, state }, installedNames()) !== undefined;
  const what = kind === 'rollback' ? 'A rollback failed: the resource is in neither state' : 'A fix failed';
  return {
    ...{ kind, id: findingId },
    title: `${what}: ${ofControl ?? 'no control'} ${job.finding.title ?? ''}`.trim(),
    facts: withoutUndefined({
      ...{ error, severity, account: record.ofAccount, region: record.region, resource: ofResource },
      ...{ since: changedAt, finding: findingId },
    }),
    causes: withLikelyCauses(
      text.split('\n').map((each) => plainText(each)),
      error,
      { state },
    ),
    actions: [
      ...(kind === 'failure' ? [replayAction(word), ...(isOwn ? [] : [exemptAction(word)])] : []),
      ...(kind === 'rollback' ? [undoAction(word)] : []),
    ],
  };
}

function approvalItem(approval: ApprovalView, { caller }: Operator): AttentionItem {
  const { id, control, title, risk, account, region, resource, remediation, summary } = approval;
  const { before, after, loses, askedAt, askedBy, until } = approval;
  const short = id.slice(0, SHORT_ID_DIGITS);
  const isOwn = askedBy !== undefined && isSamePerson(askedBy, caller);
  return {
    ...{ kind: 'approval', id },
    title: `A change waits for approval: ${control} ${title}`,
    facts: withoutUndefined({
      ...{ risk, account, region, resource, remediation, change: summary },
      lost: loses || undefined,
      ...{ asked: `${askedAt}${askedBy ? ` by ${askedBy}` : ''}`, 'denied after': until },
    }),
    change: { before, after },
    causes: isOwn ? ['You asked for this change, so somebody else must approve it.'] : [],
    actions: [...(isOwn ? [] : [approveAction(short)]), denyAction(short), exemptAction(id)],
  };
}

const deadLetterItem = ({ queue, messages, holds }: DeadLetterQueue): AttentionItem => ({
  ...{ kind: 'deadLetters', id: queue },
  title: `${countText(messages, 'dead letter')} in ${queue}: ${holds}`,
  facts: { queue, messages: String(messages) },
  causes: [`Their meaning: ${articleOfQueue(queue)}`],
  actions: [redriveAction(queue)],
});
