/**
 * Decides whether an attempt may begin: kill switch, duplicate, circuit breaker and caps, in this order. The same holds
 * for first attempts, retries, redriven and approved ones. Pure.
 */
import { commandToReplay, SutureError } from '../contract/errors.ts';
import { type CircuitState, circuitState, MIN_ACCOUNTS } from '../domain/circuit.ts';
import { countText } from '../domain/count-text.ts';
import type { Job, JobWork } from '../domain/job.ts';
import { LEFT_ALONE } from '../domain/outcome.ts';
import type { SuturePolicy } from '../domain/policy.ts';
import type { ResourceOwner } from '../domain/resource-owner.ts';
import { COUNTER_SHARDS, shareOf } from '../domain/stops.ts';
import { shardOf } from '../domain/trace.ts';
import type { AttemptClaims, AttemptFacts, CircuitScope, FindingRecord, KillSwitch } from '../ports/leases.ts';

export type Admission =
  /** `recurs`: Suture has fixed the finding before. `owner`: as the last execution of the finding knew it. */
  | ({ readonly kind: 'admitted'; readonly recurs?: true; readonly owner?: ResourceOwner | undefined } & AttemptClaims)
  | { readonly kind: 'duplicate'; readonly because: string }
  /** A person rolled back the last fix. */
  | { readonly kind: 'refused'; readonly because: string }
  /** The account's cap, or without `account` the organization's. */
  | { readonly kind: 'capped'; readonly cap: number; readonly setting: string; readonly account?: string };

/**
 * After this many failed executions on a finding, a person must look. Independent of UpdatedAt, which a sender can
 * vary.
 */
export const MAX_ATTEMPTS = 5;

/**
 * Decides about one attempt. Caps and circuit apply to changes only: not to a plan, which writes nothing, and not to a
 * rollback, which undoes the very changes that used up the cap or opened the circuit.
 * @throws SutureError Stopped or CircuitOpen
 */
export function admit(job: Job, work: JobWork, facts: AttemptFacts, policy: SuturePolicy, now: number): Admission {
  const admission = admissionOf(job, work, facts, policy, now);
  if (admission.kind !== 'admitted' || !facts.record) return admission;
  const { fixedAt, owner } = facts.record;
  const recurs = fixedAt !== undefined && !work.lookOnly;
  return { ...admission, ...(recurs && { recurs }), ...(owner && { owner }) };
}

function admissionOf(job: Job, work: JobWork, facts: AttemptFacts, policy: SuturePolicy, now: number): Admission {
  const { stop, record } = facts;
  if (stop) throw stoppedError(stop);
  if (record?.status === 'ROLLED_BACK' && work.mode !== 'rollback' && !job.startOptions?.again)
    return { kind: 'refused', because: `${record.reason ?? 'it was rolled back'}; ${LEFT_ALONE}` };
  const because = work.lookOnly ? notWithOwner(record) : duplicateReason(job, work, record, now);
  if (because !== undefined) return { kind: 'duplicate', because };
  if (work.mode !== 'apply') return { kind: 'admitted', trials: [] };

  const trials = (['account', 'organization'] as const).filter((scope) => {
    const circuit = circuitState(facts.circuits[scope], now, job.execution);
    if (circuit.kind === 'open' || circuit.kind === 'onTrial')
      throw circuitOpenError(job, work, scope, circuit, policy);
    return circuit.kind === 'halfOpen';
  });
  return isCounted(job, record, now) ? { kind: 'admitted', trials } : admitUnderCaps(job, facts, policy, trials);
}

function admitUnderCaps(
  job: Job,
  facts: AttemptFacts,
  policy: SuturePolicy,
  trials: AttemptClaims['trials'],
): Admission {
  const { perAccountAndHour, perRemediationAndHour } = policy.caps;
  const share = shareOf(perRemediationAndHour);
  const cap = Math.min(perAccountAndHour, share);
  if (facts.inAccount >= cap) {
    const setting = perAccountAndHour <= share ? 'caps.perAccountAndHour' : 'half of caps.perRemediationAndHour';
    return { kind: 'capped', cap, setting, account: job.finding.account };
  }
  const counter = freeCounter(job, facts.inOrganization, perRemediationAndHour);
  if (!counter) return { kind: 'capped', cap: perRemediationAndHour, setting: 'caps.perRemediationAndHour' };
  return { kind: 'admitted', trials, count: { cap, ...counter } };
}

/** Returns a reason if another execution has the finding or had it within the hour, or if too many failed on it. */
function duplicateReason(
  { execution, startOptions }: Job,
  work: JobWork,
  record: FindingRecord | undefined,
  now: number,
): string | undefined {
  if (!record) return undefined;
  const { executions, status, blockedUntil = 0 } = record;
  const isOthers = record.execution !== execution && now <= blockedUntil;
  const isRequested = work.mode === 'rollback' || startOptions?.again === true || startOptions?.early === true;
  const waits = status === 'WAITING' && record.execution !== execution && now <= (record.waitsUntil ?? 0);
  if (waits && !isRequested)
    return `${record.execution ?? 'another execution'} has told the owner, and waits until ${new Date(record.waitsUntil!).toISOString()}`;
  // A plan does not block a change.
  const wasPlanned = status === 'PLANNED' && mayChange(work);
  if (isOthers && (status === 'OPEN' || !(isRequested || wasPlanned)))
    return `${record.execution ?? 'another execution'} handles this finding, or did within the hour`;
  if (executions.length >= MAX_ATTEMPTS && !executions.includes(execution) && !isRequested)
    return `${MAX_ATTEMPTS} executions failed on this finding; a person must look, then replay it with --again`;
  return undefined;
}

/** Returns a reason if the finding no longer stands with its owner: another execution has it, or has ended with it. */
const notWithOwner = (record: FindingRecord | undefined): string | undefined =>
  record?.status === 'NOTIFIED' || (record?.status === 'WAITING' && record.waitsUntil !== undefined)
    ? undefined
    : `the finding does not stand with its owner any more: it is ${record?.status ?? 'unknown'}`;

const mayChange = ({ mode, policy }: JobWork): boolean =>
  mode === 'apply' || [policy.mode, ...Object.values(policy.tags)].includes('approve');

/** A retry is not counted again within the hour; a later replay is. */
const isCounted = ({ execution }: Job, record: FindingRecord | undefined, now: number): boolean =>
  record?.countedBy === execution && now <= (record.countedUntil ?? 0);

/** Returns a counter below its share of the cap, beginning with the execution's own; undefined if all are full. */
function freeCounter({ execution }: Job, counts: readonly number[], cap: number) {
  const first = shardOf(execution, COUNTER_SHARDS);
  for (let n = 0; n < COUNTER_SHARDS; n++) {
    const shard = (first + n) % COUNTER_SHARDS;
    const share = Math.floor(cap / COUNTER_SHARDS) + (shard < cap % COUNTER_SHARDS ? 1 : 0);
    if ((counts[shard] ?? 0) < share) return { shard, share };
  }
  return undefined;
}

const stoppedError = ({ reason, by, at }: KillSwitch) =>
  new SutureError(
    'Stopped',
    `Suture is stopped${at ? ` since ${at}` : ''}${by ? ` by ${by}` : ''}: ${reason ?? 'no reason was given'}. Nothing was written. ` +
      `Resume it: suture resume --reason "…". Then replay it: ${commandToReplay('Stopped')}`,
  );

function circuitOpenError(
  { finding }: Job,
  { remediation }: JobWork,
  scope: CircuitScope,
  circuit: Extract<CircuitState, { kind: 'open' | 'onTrial' }>,
  { breaker }: SuturePolicy,
) {
  const until = new Date(circuit.until).toISOString();
  const name =
    scope === 'account'
      ? `The circuit of ${remediation} in account ${finding.account}`
      : `The circuit of ${remediation} in the organization`;
  const where = scope === 'account' ? 'there' : `in ${MIN_ACCOUNTS} or more accounts`;
  const what =
    circuit.kind === 'open'
      ? `${name} is open until ${until}: ${breaker.failures} or more of its changes failed ${where} within an hour. Then it admits one trial.`
      : `${name} is open, and its trial is running, until ${until} at most.`;
  return new SutureError(
    'CircuitOpen',
    `${what} Nothing was written. Look at what stops it: suture stops. When the cause is gone, replay one of its failed executions, and after its success the others: ${commandToReplay('CircuitOpen')}`,
  );
}

export function capText({ remediation }: JobWork, { cap, account, setting }: Extract<Admission, { kind: 'capped' }>) {
  const where = account ? `in account ${account}` : 'in the organization';
  return `${remediation} has made ${countText(cap, 'change')} this hour ${where}, which is the cap of the policy (${setting})`;
}
