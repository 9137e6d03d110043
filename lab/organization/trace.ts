/** What became of a finding in the sandbox: from its event over rule and execution to the calls in the member account. */

import { controlsOf } from '../../functions/domain/controls.ts';
import type { Job } from '../../functions/domain/job.ts';
import { type Outcome, outcomeOf } from '../../functions/domain/outcome.ts';
import { childName, sourceIdentity } from '../../functions/domain/trace.ts';
import type { CallRecord, Kernel } from '../../sandbox/kernel/kernel.ts';
import { type Delivery, deliveries } from '../../sandbox/services/eventbridge/index.ts';
import { executionSummary } from '../../sandbox/services/sfn/index.ts';
import { entriesOf } from './indexed.ts';

export type TracedCall = {
  readonly account: string;
  readonly region: string;
  readonly action: string;
  readonly resource: string;
  readonly decision: 'Allow' | 'Deny';
  readonly role: string | undefined;
};

export type Trace = {
  /** Null where a malformed finding has none. */
  readonly findingId: string | null;
  readonly control: string | null;
  readonly route: 'remediate' | 'archive' | 'approve' | 'ignore' | 'reject' | 'duplicate';
  readonly reason: string;
  readonly remediation: string | null;
  readonly account: string | null;
  readonly region: string | null;
  readonly resource: string | null;
  readonly outcome: Outcome | null;
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
 * The trace of a finding that this event brought onto the bus; `index` is its place among the event's findings, of which
 * each gets an execution of its own where there are `count` of them.
 */
export function traceOf(kernel: Kernel, eventId: string, finding: unknown, index = 0, count = 1): Trace {
  const named = namesOf(finding);
  const delivery = entriesOf(deliveries(kernel), eventOf, eventId).find(({ outcome }) => outcome !== 'retrying');
  if (!delivery) return { ...named, ...NOTHING, route: 'ignore', reason: 'no rule lets this finding through' };
  if (delivery.outcome !== 'delivered')
    return {
      ...named,
      ...NOTHING,
      route: 'ignore',
      outcome: 'FAILED',
      reason: `${delivery.outcome}: ${delivery.error?.message}`,
    };

  const arn = executionOf(kernel, String(delivery.result), eventId, index, count);
  const { status, path, transitions, error, cause, output, outputs, input } = executionSummary(kernel, arn);
  const execution = { arn, status, path, transitions, error: error ? { name: error, cause: cause ?? '' } : null };
  const made = caseIn(output) ?? path.map((state) => caseIn(outputs[state])).findLast(Boolean) ?? caseIn(input);
  const result = made?.result;
  return {
    ...named,
    control: made?.finding.control ?? named.control,
    route: result?.kind === 'duplicate' ? 'duplicate' : routeOf(made),
    reason: reasonOf(made, execution.error),
    remediation: made?.work?.remediation ?? null,
    region: made?.finding.region ?? named.region,
    outcome: status === 'SUCCEEDED' ? (made ? outcomeOf(made) : null) : status === 'RUNNING' ? 'WAITING' : 'FAILED',
    before: result && 'before' in result ? result.before : null,
    after: result && 'after' in result ? result.after : null,
    execution,
    calls: callsOf(kernel, arn),
  };
}

const eventOf = ({ eventId }: Delivery) => eventId;
const identityOf = ({ sourceIdentity }: CallRecord) => sourceIdentity;

/** A trace as it is published: roles are for the display alone. */
export const published = ({ calls, ...trace }: Trace) => ({
  ...trace,
  calls: calls.map(({ role: _, ...call }) => call),
});

/** What the finding says of itself; a malformed one says less. */
function namesOf(finding: unknown): Pick<Trace, 'findingId' | 'control' | 'account' | 'region' | 'resource'> {
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

/** The execution of this finding: the rule's own, or the child that it started; its own too when it did not get so far. */
function executionOf(kernel: Kernel, started: string, eventId: string, index: number, count: number): string {
  if (count === 1 || executionSummary(kernel, started).status !== 'SUCCEEDED') return started;
  return `${started.slice(0, started.lastIndexOf(':'))}:${childName(eventId, index)}`;
}

const routeOf = (job: Job | undefined): Trace['route'] => (!job || job.route === 'split' ? 'ignore' : job.route);

function reasonOf(made: Job | undefined, error: { name: string; cause: string } | null): string {
  if (error) return `${error.name}: ${messageIn(error.cause)}`;
  const { result } = made ?? {};
  if (result && 'because' in result) return result.because;
  if (result && 'summary' in result) return result.summary;
  return made?.reason ?? 'the execution says nothing';
}

/** A function's error arrives as JSON with errorMessage. */
function messageIn(cause: string): string {
  try {
    return String(JSON.parse(cause).errorMessage ?? cause);
  } catch {
    return cause;
  }
}

const caseIn = (value: unknown): Job | undefined => ((value as Job | undefined)?.v === 1 ? (value as Job) : undefined);

/** Every decision on a call in a member account, AssumeRole among them: they carry the execution's source identity. */
function callsOf(kernel: Kernel, execution: string): TracedCall[] {
  const identity = sourceIdentity(execution);
  return entriesOf(kernel.calls, identityOf, identity)
    .flatMap((call) => call.decisions)
    .map(({ account, region, action, resource, decision, role }) => ({
      account,
      region,
      action,
      resource,
      decision,
      role,
    }));
}
