/** Views of an approval for people, without its task token. Pure. */
import type { ApprovalView } from '../domain/approval.ts';
import type { StoredApproval } from '../ports/approvals.ts';

/** Returns the approval's deadline, in milliseconds since 1970. */
export const deadlineOf = ({ askedAt, job }: StoredApproval): number =>
  Date.parse(askedAt) + (job.work?.approvalSeconds ?? 0) * 1000;

export function approvalView(approval: StoredApproval): ApprovalView {
  const { id, job, askedAt } = approval;
  const { finding, work, result, askedBy } = job;
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
    askedBy,
    askedAt,
    until: new Date(deadlineOf(approval)).toISOString(),
  };
}

/** Returns everything about an approval but its task token. */
export const approvalDetail = (approval: StoredApproval) => ({
  ...approvalView(approval),
  status: approval.status,
  answer: approval.answer,
  execution: approval.job.execution,
  finding: approval.job.finding,
  work: approval.job.work,
});
