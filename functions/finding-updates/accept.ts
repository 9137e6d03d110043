/**
 * Decides which messages count: its sender may send this kind, and what it requests still holds. Dead letters that the
 * API sends again are held to Security Hub and the ledger too.
 */
import { errorDescription } from '../contract/errors.ts';
import { isEqual } from '../contract/is-equal.ts';
import { controlsOf } from '../domain/controls.ts';
import { Finding } from '../domain/finding.ts';
import { exceptionFacts, slimFinding } from '../domain/finding-names.ts';
import type { InboxMessage } from '../domain/finding-update.ts';
import type { Job, JobFinding, QueueMessage } from '../domain/job.ts';
import { noteOf, noteOfEndedSuppression, noteOfFailure, noteOfReopening } from '../domain/notes.ts';
import { exceptionFor } from '../domain/policy.ts';
import { maySend } from '../domain/update-senders.ts';
import type { Clock } from '../ports/clock.ts';
import type { LedgerQueries, LedgerRecord } from '../ports/ledger-queries.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import type { FindFinding } from '../ports/security-hub.ts';

export type AcceptDeps = Pick<Clock, 'now'> & {
  readonly policy: PolicySource;
  readonly queries: Pick<LedgerQueries, 'record'>;
  readonly findFinding: FindFinding;
};

/**
 * `forged`: no function of Suture sends such a message, so nothing in it counts. `outdated`: it was right when it was
 * sent. `unknown`: it could not be checked now.
 */
export type Acceptance =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'forged' | 'outdated' | 'unknown'; readonly because: string };

const ACCEPTED: Acceptance = { kind: 'accepted' };
const forged = (because: string): Acceptance => ({ kind: 'forged', because });
const outdated = (because: string): Acceptance => ({ kind: 'outdated', because });

export async function acceptanceOf({ body, sender }: InboxMessage, deps: AcceptDeps): Promise<Acceptance> {
  if (!maySend(sender, body.kind))
    return forged(`${sender ?? 'a role that writes to no queue of Suture'} may not send "${body.kind}" messages`);
  const impossible = impossibility(body);
  if (impossible !== undefined) return forged(impossible);
  try {
    const end = body.kind === 'archive' ? await endOfSuppression(body.job, deps) : undefined;
    const change = end ?? (sender === 'api' ? await changeSince(body, deps) : undefined);
    return change === undefined ? ACCEPTED : outdated(change);
  } catch (error) {
    return { kind: 'unknown', because: errorDescription(error) };
  }
}

/** Returns why no execution can have sent this message. */
function impossibility({ kind, job }: QueueMessage): string | undefined {
  const { route, suppression, work, result, approval } = job;
  if (kind === 'approval' && !(work && result?.kind === 'planned' && result.awaits === 'approval'))
    return 'its job has no plan that waits for approval';
  if (kind !== 'archive' && kind !== 'record') return undefined;
  const isHandled = work || approval || (result && result.kind !== 'duplicate');
  if (isHandled) return `a finding that was handled needs no "${kind}" message`;
  if (kind === 'record' && route !== 'ignore' && route !== 'reject')
    return `its job takes the route ${route}, and only ends without a remediation are recorded here`;
  if (kind === 'archive' && (route !== 'archive' || suppression === undefined)) return 'it names no suppression';
  return undefined;
}

async function endOfSuppression({ finding, suppression }: Job, { policy, now }: AcceptDeps) {
  const { suppressions } = await policy.read();
  const named = suppressions.filter(({ id }) => id === suppression);
  const today = new Date(now()).toISOString().slice(0, 10);
  if (exceptionFor(named, exceptionFacts(finding), today)) return undefined;
  return `the policy has no suppression "${suppression}" of this finding any more. Replay the finding.`;
}

/** Returns what has changed since a message that became a dead letter was sent. */
async function changeSince(body: QueueMessage, { queries, findFinding }: AcceptDeps): Promise<string | undefined> {
  const { job } = body;
  if (body.kind === 'archive') return differenceInSecurityHub(job.finding, await findFinding(job.finding));
  const record = await queries.record(job.finding.id);
  if (body.kind === 'record' && !record) return undefined;
  if (record?.lastExecution !== job.execution) return 'the ledger has another last execution of this finding';
  const isExpected =
    (body.kind === 'notify' && body.note === noteOf(record.job)) ||
    (body.kind === 'note' && body.note === noteFromLedger(record)) ||
    (body.kind === 'reopen' && reopeningNotes(record).includes(body.note)) ||
    body.kind === 'record';
  return isExpected ? undefined : 'its note is not the one that follows from the ledger';
}

const noteFromLedger = ({ ofStatus, job, error }: LedgerRecord): string | undefined =>
  ofStatus === 'FAILED' ? noteOfFailure(job, error ?? '') : noteOf(job);

const reopeningNotes = ({ reopened, job: { suppression } }: LedgerRecord): readonly string[] =>
  suppression === undefined ? [noteOfReopening(reopened)] : [noteOfEndedSuppression(suppression)];

function differenceInSecurityHub(expected: JobFinding, found: unknown): string | undefined {
  const parsed = Finding.safeParse(found);
  if (!parsed.success) return 'Security Hub has no such finding any more';
  const names = controlsOf(parsed.data);
  const isSameControl = names.kind === 'controls' && names.controls.includes(expected.control ?? '');
  const live = slimFinding(parsed.data);
  return isSameControl && isEqual(lasting(expected), lasting(live))
    ? undefined
    : 'the finding has changed in Security Hub since';
}

/** Returns the names that Security Hub has, and that do not change while a finding exists. */
const lasting = ({ id, productArn, title, severity, generator, account, region, partition, resource }: JobFinding) => ({
  id,
  productArn,
  title,
  severity,
  generator,
  account,
  region,
  partition,
  resource,
});
