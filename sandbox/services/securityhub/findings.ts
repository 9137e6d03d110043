/**
 * The life of a finding: stored, imported again, evaluated again; each step emits the event again.
 */
import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import type { AwsPlace, Kernel } from '../../kernel/kernel.ts';
import { emitServiceEvent } from '../eventbridge/index.ts';
import { keyOf, type SecurityHubState } from './state.ts';

const SOURCE = 'aws.securityhub';

/** A finding as it is kept, and the id of the event that tells of it (undefined before anybody administers Security Hub). */
export type Kept = { readonly finding: AwsSecurityFinding; readonly eventId: string | undefined };

/** Stores what a provider sends. What customers manage of a finding that is already there stays. */
export function store(kernel: Kernel, state: SecurityHubState, sent: AwsSecurityFinding): Kept {
  const known = state.findings.get(keyOf(sent));
  const finding = known ? updated(known, sent) : created(sent, kernel);
  return keep(kernel, state, finding);
}

/** Keeps a finding as it is now and emits "Security Hub Findings - Imported". */
export function keep(kernel: Kernel, state: SecurityHubState, finding: AwsSecurityFinding): Kept {
  state.findings.set(keyOf(finding), finding);
  const names = [`${finding.ProductArn}/${finding.Id}`];
  return { finding, eventId: emit(kernel, state, 'Security Hub Findings - Imported', names, { findings: [finding] }) };
}

/** Emits on the default bus of the administrator's home Region and answers the event's id; before there is one, nobody listens. */
export function emit(
  kernel: Kernel,
  state: SecurityHubState,
  type: string,
  resources: string[],
  detail: object,
): string | undefined {
  if (!state.home) return undefined;
  const { account, region } = state.home;
  const place: AwsPlace = { partition: kernel.partition, account, region };
  const event = { source: SOURCE, 'detail-type': type, resources, detail: structuredClone(detail) };
  return emitServiceEvent(kernel, place, event);
}

/** A finding after Security Hub looked at its resource again. */
export function reevaluated(finding: AwsSecurityFinding, status: 'PASSED' | 'FAILED', now: string): AwsSecurityFinding {
  const sent = {
    ...finding,
    Compliance: { ...finding.Compliance, Status: status },
    UpdatedAt: now,
    LastObservedAt: now,
  };
  return withWorkflow(sent, workflowAfter(finding, sent));
}

const created = (sent: AwsSecurityFinding, kernel: Kernel): AwsSecurityFinding => ({
  ...sent,
  RecordState: sent.RecordState ?? 'ACTIVE',
  Workflow: sent.Workflow ?? { Status: sent.Compliance?.Status === 'PASSED' ? 'RESOLVED' : 'NEW' },
  ProcessedAt: new Date(kernel.clock.now()).toISOString(),
});

function updated(known: AwsSecurityFinding, sent: AwsSecurityFinding): AwsSecurityFinding {
  const { Note, UserDefinedFields, VerificationState } = known;
  const RecordState = sent.RecordState ?? 'ACTIVE';
  const merged = { ...sent, RecordState, Note, UserDefinedFields, VerificationState };
  return withWorkflow(merged, workflowAfter(known, merged));
}

/**
 * RESOLVED when a control passes; NEW again when one that was NOTIFIED or RESOLVED fails after it passed, or becomes
 * active after it was archived. SUPPRESSED never changes by itself.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/findings-workflow-status.html
 */
function workflowAfter(
  before: AwsSecurityFinding,
  after: AwsSecurityFinding,
): 'NEW' | 'NOTIFIED' | 'RESOLVED' | 'SUPPRESSED' {
  const status = before.Workflow?.Status ?? 'NEW';
  if (status === 'SUPPRESSED') return status;
  const passes = after.Compliance?.Status === 'PASSED';
  if (passes && before.Compliance?.Status !== 'PASSED') return 'RESOLVED';
  const failsAgain = before.Compliance?.Status === 'PASSED' && !passes;
  const isBack = before.RecordState === 'ARCHIVED' && after.RecordState === 'ACTIVE';
  return failsAgain || isBack ? 'NEW' : status;
}

const withWorkflow = (finding: AwsSecurityFinding, Status: 'NEW' | 'NOTIFIED' | 'RESOLVED' | 'SUPPRESSED') => ({
  ...finding,
  Workflow: { ...finding.Workflow, Status },
});
