/**
 * Whether an attempt may begin: kill switch, duplicate, circuit breaker and caps, in this order. The same for first attempts,
 * retries, redriven and approved ones. Pure.
 */

import { SutureError } from '../contract/errors.ts';
import { circuitState } from '../domain/circuit.ts';
import type { Job, JobWork } from '../domain/job.ts';
import { LEFT_ALONE } from '../domain/outcome.ts';
import type { SuturePolicy } from '../domain/policy.ts';
import { shareOf } from '../domain/trace.ts';
import { type FindingRecord, type Seen, SHARDS, type Takes } from '../ledger/leases.ts';

export type Admission =
  | ({ readonly kind: 'admitted' } & Takes)
  | { readonly kind: 'duplicate'; readonly because: string }
  /** A person undid the last fix. */
  | { readonly kind: 'refused'; readonly because: string }
  /** Without an account, the cap of the organization. */
  | { readonly kind: 'capped'; readonly cap: number; readonly account?: string };

/** Executions that may fail on one finding before it takes a person. Independent of UpdatedAt, which a sender can vary. */
export const MOST_ATTEMPTS = 5;

/**
 * Throws Stopped or CircuitOpen. A plan writes nothing: it is neither counted nor held up by an open circuit. Nor is a
 * rollback: a person undoes what went wrong, and what used up the cap or opened the circuit is what went wrong.
 */
export function admit(job: Job, work: JobWork, seen: Seen, policy: SuturePolicy, now: number): Admission {
  if (seen.stop) throw stopped(seen.stop);
  if (seen.record?.status === 'ROLLED_BACK' && work.mode !== 'rollback' && !job.asks?.again)
    return { kind: 'refused', because: `${seen.record.reason ?? 'it was rolled back'}; ${LEFT_ALONE}` };
  const duplicate = duplicateOf(job, work, seen.record, now);
  if (duplicate) return { kind: 'duplicate', because: duplicate };
  if (work.mode === 'rollback') return { kind: 'admitted', tries: false };
  if (work.mode === 'plan') return { kind: 'admitted', tries: false };

  const standing = circuitState(seen.circuit, now, job.execution);
  if (standing.kind === 'open' || standing.kind === 'trying') throw circuitOpen(work, standing, policy);
  const tries = standing.kind === 'halfOpen';
  if (isCounted(job, seen.record, now)) return { kind: 'admitted', tries };

  const caps = job.asks?.overCaps ? NO_CAPS : policy.caps;
  const { perAccountAndHour, perRemediationAndHour } = caps;
  if (seen.inAccount >= perAccountAndHour)
    return { kind: 'capped', cap: perAccountAndHour, account: job.finding.account };
  const counter = freeCounter(job, seen.inOrganization, perRemediationAndHour);
  if (!counter) return { kind: 'capped', cap: perRemediationAndHour };
  return { kind: 'admitted', tries, count: { cap: perAccountAndHour, ...counter } };
}

/** For who wants more than policy lets the hour have; what is made still counts. */
const NO_CAPS = { perAccountAndHour: 1_000_000, perRemediationAndHour: 1_000_000 };

/** Another execution has the finding, or had it within the hour, or too many failed on it. */
function duplicateOf(made: Job, work: JobWork, record: FindingRecord | undefined, now: number): string | undefined {
  if (!record) return undefined;
  const { execution, asks } = made;
  const { executions, status, blockedUntil = 0 } = record;
  const isOthers = record.execution !== execution && now <= blockedUntil;
  const isAsked = work.mode === 'rollback' || asks?.again === true;
  // What was only looked at holds up no change.
  const wasPlanned = status === 'PLANNED' && mayChange(work);
  if (isOthers && (status === 'OPEN' || !(isAsked || wasPlanned)))
    return `${record.execution ?? 'another execution'} deals with this finding or did within the hour`;
  if (executions.length >= MOST_ATTEMPTS && !executions.includes(execution) && !isAsked)
    return `${MOST_ATTEMPTS} executions failed on this finding; a person must look, then redrive one of them`;
  return undefined;
}

const mayChange = ({ mode, policy }: JobWork): boolean =>
  mode === 'apply' || [policy.mode, ...Object.values(policy.tags)].includes('approve');

/** A retry of a change that was counted within the hour is not counted again; what is redriven later is. */
const isCounted = ({ execution }: Job, record: FindingRecord | undefined, now: number): boolean =>
  record?.countedBy === execution && now <= (record.countedUntil ?? 0);

/** A counter with room, from the execution's own on, with its share of the cap: all shares together are the cap. */
function freeCounter({ execution }: Job, counters: readonly number[], cap: number) {
  const first = shareOf(execution, SHARDS);
  for (let n = 0; n < SHARDS; n++) {
    const shard = (first + n) % SHARDS;
    const share = Math.floor(cap / SHARDS) + (shard < cap % SHARDS ? 1 : 0);
    if ((counters[shard] ?? 0) < share) return { shard, share };
  }
  return undefined;
}

const stopped = ({ reason, by, at }: NonNullable<Seen['stop']>) =>
  new SutureError(
    'Stopped',
    `Suture is stopped${at ? ` since ${at}` : ''}${by ? ` by ${by}` : ''}: ${reason ?? 'no reason was given'}. Nothing was written. ` +
      'Resume it (npm run -s suture -- resume), then redrive the execution.',
  );

function circuitOpen(
  { remediation }: JobWork,
  standing: { readonly kind: 'open' | 'trying'; readonly until: number },
  { breaker }: SuturePolicy,
) {
  const until = new Date(standing.until).toISOString();
  const what =
    standing.kind === 'open'
      ? `The circuit of ${remediation} is open until ${until}: ${breaker.failures} of its changes or more went wrong within an hour. Then one try is let through.`
      : `The circuit of ${remediation} is open, and the one try that decides is under way, until ${until} at most.`;
  return new SutureError(
    'CircuitOpen',
    `${what} Nothing was written. Look at its failed executions (npm run -s suture -- stops); when the cause is gone, redrive one of them, and after its success this execution.`,
  );
}

/** With the moment from which on there is room again. */
export function capReached(
  { remediation }: JobWork,
  { cap, account }: Extract<Admission, { kind: 'capped' }>,
  now: number,
): SutureError {
  const nextHour = new Date(Math.floor(now / 3_600_000 + 1) * 3_600_000).toISOString();
  const [where, name] = account
    ? [`in account ${account}`, 'caps.perAccountAndHour']
    : ['in the organization', 'caps.perRemediationAndHour'];
  return new SutureError(
    'CapReached',
    `${remediation} has made ${cap} changes this hour ${where}, as many as policy lets it (${name}). Nothing was written. ` +
      `Redrive the execution after ${nextHour}, or raise the cap first.`,
  );
}
