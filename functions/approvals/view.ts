/** Views of an approval for people, without its task token. Pure. */
import type { ApprovalView } from '../domain/approval.ts';
import { planDigest } from '../domain/plan.ts';
import { lastingSummary } from '../domain/reverted.ts';
import type { StoredApproval } from '../ports/approvals.ts';

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

/**
 * Returns the digest of the plan that people see. The remediation's function compares it with the plan that it is about
 * to apply, so that an approval of anything else permits nothing.
 */
export function shownPlan({ job: { finding, work, result, askedBy } }: StoredApproval): string {
  const { control, partition, account, region, title, resource } = finding;
  const planned = result?.kind === 'planned' ? result : undefined;
  return planDigest({
    remediation: work?.remediation ?? '',
    version: planned?.version ?? 0,
    risk: work?.risk,
    control,
    partition,
    account,
    region,
    title,
    resource: resource?.Id,
    target: work?.target ?? {},
    params: work?.params,
    before: planned?.before,
    after: planned?.after,
    summary: lastingSummary(planned?.summary ?? '', planned?.reverted),
    loses: planned?.loses,
    askedBy,
  });
}

export const approvalDetail = (approval: StoredApproval) => ({
  ...approvalView(approval),
  status: approval.status,
  answer: approval.answer,
  execution: approval.job.execution,
  finding: approval.job.finding,
  work: approval.job.work,
});
