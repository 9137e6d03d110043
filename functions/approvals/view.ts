/** What people see of an approval; never its task token. Pure. */

import type { ApprovalView } from '../domain/approval.ts';
import type { StoredApproval } from '../ledger/approvals.ts';

/** Milliseconds since 1970. */
export const untilOf = ({ askedAt, made: job }: StoredApproval): number =>
  Date.parse(askedAt) + (job.work?.approvalSeconds ?? 0) * 1000;

export function viewOf(approval: StoredApproval): ApprovalView {
  const { id, made, askedAt } = approval;
  const { finding, work, result } = made;
  const planned = result?.kind === 'planned' ? result : undefined;
  return {
    id,
    control: finding.control ?? '',
    title: finding.title ?? '',
    account: finding.account ?? '',
    region: finding.region ?? '',
    resource: finding.resource?.Id ?? '',
    remediation: work?.remediation ?? '',
    risk: work?.risk ?? 'destructive',
    summary: planned?.summary ?? '',
    before: planned?.before,
    after: planned?.after,
    loses: planned?.loses,
    askedBy: made.askedBy,
    askedAt,
    until: new Date(untilOf(approval)).toISOString(),
  };
}

/** All there is to know, for who wants to look closely. */
export const wholeOf = (approval: StoredApproval) => ({
  ...viewOf(approval),
  status: approval.status,
  answer: approval.answer,
  execution: approval.made.execution,
  finding: approval.made.finding,
  work: approval.made.work,
});
