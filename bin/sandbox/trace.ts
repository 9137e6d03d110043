/** What became of a finding in the sandbox: from its event over rule and execution to the calls in the member account. */
import type { Case } from '../../functions/contract/case.ts';
import { type Outcome, outcomeOf } from '../../functions/contract/outcome.ts';
import { sourceIdentity } from '../../functions/contract/trace.ts';
import type { Kernel } from '../../sandbox/kernel.ts';
import { deliveries } from '../../sandbox/services/eventbridge.ts';
import { executionSummary } from '../../sandbox/services/sfn.ts';

export type TracedCall = {
  readonly account: string;
  readonly region: string;
  readonly action: string;
  readonly resource: string;
  readonly decision: 'Allow' | 'Deny';
  readonly role: string | undefined;
};

export type Trace = {
  readonly findingId: string;
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

type Finding = {
  readonly Id: string;
  readonly AwsAccountId?: string;
  readonly Region?: string;
  readonly Resources?: readonly { readonly Id: string }[];
  readonly Compliance?: { readonly SecurityControlId?: string };
};

/** The trace of the finding that this event brought onto the bus. */
export function traceOf(kernel: Kernel, eventId: string, finding: Finding): Trace {
  const named = {
    findingId: finding.Id,
    control: finding.Compliance?.SecurityControlId ?? null,
    account: finding.AwsAccountId ?? null,
    region: finding.Region ?? null,
    resource: finding.Resources?.[0]?.Id ?? null,
  };
  const nothing = { remediation: null, outcome: null, before: null, after: null, execution: null, calls: [] };
  const delivery = deliveries(kernel).find((each) => each.eventId === eventId && each.outcome !== 'retrying');
  if (!delivery) return { ...named, ...nothing, route: 'ignore', reason: 'no rule lets this finding through' };
  if (delivery.outcome !== 'delivered')
    return {
      ...named,
      ...nothing,
      route: 'ignore',
      outcome: 'FAILED',
      reason: `${delivery.outcome}: ${delivery.error?.message}`,
    };

  const arn = String(delivery.result);
  const { status, path, transitions, error, cause, output, input } = executionSummary(kernel, arn);
  const execution = { arn, status, path, transitions, error: error ? { name: error, cause: cause ?? '' } : null };
  const made = caseIn(output) ?? triagedCase(kernel, arn) ?? caseIn(input);
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

const routeOf = (made: Case | undefined): Trace['route'] => (!made || made.route === 'split' ? 'ignore' : made.route);

function reasonOf(made: Case | undefined, error: { name: string; cause: string } | null): string {
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

const caseIn = (value: unknown): Case | undefined =>
  (value as Case | undefined)?.v === 1 ? (value as Case) : undefined;

/** The case as triage made it, where the execution failed before it had an output. */
function triagedCase(kernel: Kernel, arn: string): Case | undefined {
  const { outputs } = executionSummary(kernel, arn);
  return caseIn(outputs.Triage);
}

/** Every decision on a call in a member account, AssumeRole among them: they carry the execution's source identity. */
function callsOf(kernel: Kernel, execution: string): TracedCall[] {
  const identity = sourceIdentity(execution);
  return kernel.calls
    .filter((call) => call.sourceIdentity === identity)
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
