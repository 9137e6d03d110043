/** A finding in the sandbox: its event, the rule's delivery, the execution and the calls in the member account. */

import { controlsOf } from '../../functions/domain/controls.ts';
import type { Job } from '../../functions/domain/job.ts';
import { type Outcome, outcomeOf } from '../../functions/domain/outcome.ts';
import { childName, sourceIdentity } from '../../functions/domain/trace.ts';
import type { CallRecord, Kernel } from '../../sandbox/kernel/kernel.ts';
import { type Delivery, deliveries } from '../../sandbox/services/eventbridge/delivery-log.ts';
import { executionSummary } from '../../sandbox/services/sfn/summary.ts';
import { entriesWithKey } from './log-index.ts';

export type TracedCall = {
  readonly account: string;
  readonly region: string;
  readonly action: string;
  readonly resource: string;
  readonly decision: 'Allow' | 'Deny';
  readonly role: string | undefined;
};

/** Members are null if a malformed finding lacks them or the finding did not get that far. */
export type Trace = {
  readonly findingId: string | null;
  readonly control: string | null;
  readonly route: 'remediate' | 'archive' | 'approve' | 'ignore' | 'reject' | 'duplicate' | 'wait';
  readonly reason: string;
  readonly remediation: string | null;
  readonly account: string | null;
  readonly region: string | null;
  readonly resource: string | null;
  readonly outcome: Outcome | 'NOT_SIMULATED' | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly execution: {
    readonly arn: string;
    readonly status: string;
    readonly path: readonly string[];
    readonly transitions: number;
    readonly error: { readonly name: string; readonly cause: string } | null;
  } | null;
  readonly calls: readonly TracedCall[];
};

const NOTHING = { remediation: null, outcome: null, before: null, after: null, execution: null, calls: [] };

/**
 * Returns the trace of a finding of an event.
 * @param index position of the finding in the event
 * @param count findings in the event: if there are several, each has its own execution
 */
export function traceOf(kernel: Kernel, eventId: string, finding: unknown, index = 0, count = 1): Trace {
  const identity = identityIn(finding);
  const delivery = entriesWithKey(deliveries(kernel), eventIdOf, eventId).find(({ outcome }) => outcome !== 'retrying');
  if (!delivery) return { ...identity, ...NOTHING, route: 'ignore', reason: 'no rule lets this finding through' };
  if (delivery.outcome !== 'delivered')
    return {
      ...identity,
      ...NOTHING,
      route: 'ignore',
      outcome: 'FAILED',
      reason: `${delivery.outcome}: ${delivery.error?.message}`,
    };

  return traceOfExecution(kernel, executionOf(kernel, String(delivery.result), eventId, index, count), finding);
}

export function traceOfExecution(kernel: Kernel, arn: string, finding: unknown): Trace {
  const { status, path, transitions, error, cause, output, outputs, input } = executionSummary(kernel, arn);
  const execution = { arn, status, path, transitions, error: error ? { name: error, cause: cause ?? '' } : null };
  const job = jobIn(output) ?? path.map((state) => jobIn(outputs[state])).findLast(Boolean) ?? jobIn(input);
  const result = job?.result;
  const identity = identityIn(finding);
  return {
    ...identity,
    control: job?.finding.control ?? identity.control,
    route: result?.kind === 'duplicate' ? 'duplicate' : routeOf(job),
    reason: reasonOf(job, execution.error),
    remediation: job?.work?.remediation ?? null,
    region: job?.finding.region ?? identity.region,
    outcome: endOf(status, job),
    before: result && 'before' in result ? result.before : null,
    after: result && 'after' in result ? result.after : null,
    execution,
    calls: callsOf(kernel, arn),
  };
}

/** Returns the trace of a finding whose resource could not be made faulty, so that its end would say nothing. */
export const notSimulated = (finding: unknown, route: Trace['route'], reason: string): Trace => ({
  ...identityIn(finding),
  ...NOTHING,
  route,
  outcome: 'NOT_SIMULATED',
  reason,
});

const eventIdOf = ({ eventId }: Delivery) => eventId;
const sourceIdentityOf = ({ sourceIdentity }: CallRecord) => sourceIdentity;

export const publicTrace = <T extends Trace>({ calls, ...trace }: T) => ({
  ...trace,
  calls: calls.map(({ role: _, ...call }) => call),
});

function identityIn(finding: unknown): Pick<Trace, 'findingId' | 'control' | 'account' | 'region' | 'resource'> {
  const { Id, AwsAccountId, Region, Resources, Compliance, GeneratorId } = Object(finding);
  const names = controlsOf({ GeneratorId: textOf(GeneratorId) ?? '' });
  return {
    findingId: textOf(Id),
    control: textOf(Compliance?.SecurityControlId) ?? (names.kind === 'controls' ? names.controls[0]! : null),
    account: textOf(AwsAccountId),
    region: textOf(Region),
    resource: textOf(Array.isArray(Resources) ? Resources[0]?.Id : undefined),
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/**
 * Returns the execution that the rule started if it has one finding or failed before it started children, else the
 * child.
 */
function executionOf(kernel: Kernel, started: string, eventId: string, index: number, count: number): string {
  if (count === 1 || executionSummary(kernel, started).status !== 'SUCCEEDED') return started;
  return `${started.slice(0, started.lastIndexOf(':'))}:${childName(eventId, index)}`;
}

const routeOf = (job: Job | undefined): Trace['route'] => (!job || job.route === 'split' ? 'ignore' : job.route);

function endOf(status: string, job: Job | undefined): Trace['outcome'] {
  if (status === 'RUNNING') return 'WAITING';
  if (status !== 'SUCCEEDED') return 'FAILED';
  return job ? outcomeOf(job) : null;
}

function reasonOf(job: Job | undefined, error: { name: string; cause: string } | null): string {
  if (error) return `${error.name}: ${messageIn(error.cause)}`;
  const { result } = job ?? {};
  if (result && 'because' in result) return result.because;
  if (result && 'summary' in result) return result.summary;
  return job?.reason ?? 'the execution gives no reason';
}

function messageIn(cause: string): string {
  try {
    return String(JSON.parse(cause).errorMessage ?? cause);
  } catch {
    return cause;
  }
}

const jobIn = (value: unknown): Job | undefined => ((value as Job | undefined)?.v === 3 ? (value as Job) : undefined);

/** AssumeRole needs these beside its own permission. They are not calls. */
const PERMISSIONS_OF_ASSUME_ROLE = new Set(['sts:SetSourceIdentity', 'sts:TagSession']);

/**
 * Returns each IAM decision of calls with the execution's source identity: AssumeRole and calls in the member account.
 */
function callsOf(kernel: Kernel, execution: string): TracedCall[] {
  return entriesWithKey(kernel.calls, sourceIdentityOf, sourceIdentity(execution))
    .flatMap((call) => call.decisions)
    .filter(({ action, decision }) => decision === 'Deny' || !PERMISSIONS_OF_ASSUME_ROLE.has(action))
    .map(({ account, region, action, resource, decision, role }) => ({
      account,
      region,
      action,
      resource,
      decision,
      role,
    }));
}
