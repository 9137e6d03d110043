/** Every store, import and reevaluation emits an event. */
import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import type { AwsPlace, Kernel } from '../../kernel/kernel.ts';
import { emitServiceEvent } from '../eventbridge/publish.ts';
import { type SecurityHubState, storedFindingKey } from './state.ts';

const EVENT_SOURCE = 'aws.securityhub';

/** `eventId` is undefined before Security Hub has an administrator. */
export type StoredFinding = { readonly finding: AwsSecurityFinding; readonly eventId: string | undefined };

/** Adds or updates a finding. An existing one keeps the fields that customers manage. */
export function storeFinding(kernel: Kernel, state: SecurityHubState, incoming: AwsSecurityFinding): StoredFinding {
  const existing = state.findings.get(storedFindingKey(incoming));
  const finding = existing ? mergeFinding(existing, incoming) : newFinding(incoming, kernel);
  return saveFinding(kernel, state, finding);
}

export function saveFinding(kernel: Kernel, state: SecurityHubState, finding: AwsSecurityFinding): StoredFinding {
  state.findings.set(storedFindingKey(finding), finding);
  const resources = [`${finding.ProductArn}/${finding.Id}`];
  return {
    finding,
    eventId: emitSecurityHubEvent(kernel, state, 'Security Hub Findings - Imported', resources, {
      findings: [finding],
    }),
  };
}

/**
 * Emits the event on the default bus of the administrator's home Region.
 * @returns the event's id; undefined if there is no administrator
 */
export function emitSecurityHubEvent(
  kernel: Kernel,
  state: SecurityHubState,
  type: string,
  resources: string[],
  detail: object,
): string | undefined {
  if (!state.home) return undefined;
  const { account, region } = state.home;
  const place: AwsPlace = { partition: kernel.partition, account, region };
  const event = { source: EVENT_SOURCE, 'detail-type': type, resources, detail: structuredClone(detail) };
  return emitServiceEvent(kernel, place, event);
}

export function withCompliance(
  finding: AwsSecurityFinding,
  status: 'PASSED' | 'FAILED',
  now: string,
): AwsSecurityFinding {
  const incoming = {
    ...finding,
    Compliance: { ...finding.Compliance, Status: status },
    UpdatedAt: now,
    LastObservedAt: now,
  };
  return withWorkflow(incoming, workflowAfter(finding, incoming));
}

const newFinding = (incoming: AwsSecurityFinding, kernel: Kernel): AwsSecurityFinding => ({
  ...incoming,
  RecordState: incoming.RecordState ?? 'ACTIVE',
  Workflow: incoming.Workflow ?? { Status: incoming.Compliance?.Status === 'PASSED' ? 'RESOLVED' : 'NEW' },
  ProcessedAt: new Date(kernel.clock.now()).toISOString(),
});

function mergeFinding(existing: AwsSecurityFinding, incoming: AwsSecurityFinding): AwsSecurityFinding {
  const { Note, UserDefinedFields, VerificationState } = existing;
  const RecordState = incoming.RecordState ?? 'ACTIVE';
  const merged = { ...incoming, RecordState, Note, UserDefinedFields, VerificationState };
  return withWorkflow(merged, workflowAfter(existing, merged));
}

/**
 * Returns RESOLVED if the control now passes, NEW if it fails after it passed or the finding becomes active after it
 * was archived. SUPPRESSED never changes by itself.
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
  const isReactivated = before.RecordState === 'ARCHIVED' && after.RecordState === 'ACTIVE';
  return failsAgain || isReactivated ? 'NEW' : status;
}

const withWorkflow = (finding: AwsSecurityFinding, Status: 'NEW' | 'NOTIFIED' | 'RESOLVED' | 'SUPPRESSED') => ({
  ...finding,
  Workflow: { ...finding.Workflow, Status },
});
