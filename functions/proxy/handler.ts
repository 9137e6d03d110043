/**
 * The proxy: the policy enforcement point between the security and the service account. At every attempt, also after a
 * redrive or an approval, it checks policy, kill switch, circuit and caps again, takes the lease, and invokes the one
 * function that remediates.
 */
import { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { environment } from '../aws/environment.ts';
import { logger, metrics } from '../aws/observe.ts';
import { policySource } from '../aws/policy-source.ts';
import { isUnavailable, SutureError, toSutureError } from '../contract/errors.ts';
import { Job, type JobWork } from '../domain/job.ts';
import { type Circuits, dynamoCircuits } from '../ledger/circuits.ts';
import { type Directory, directoryIn } from '../ledger/directory.ts';
import { dynamoLeases, type Leases } from '../ledger/leases.ts';
import { dynamoLedger, type Ledger } from '../ledger/ledger.ts';
import { afterFailure, afterSuccess, type BreakerTurn } from './breaker.ts';
import { giveBack } from './give-back.ts';
import { invokeRemediation } from './invoke.ts';
import { byPolicyNow, recheckPolicy, stillMember } from './may-still.ts';
import { beginAttempt } from './open.ts';

const Input = z.object({ job: Job });

const policy = policySource();
let directory: Directory | undefined;
/** A remediation is never tried twice behind the workflow's back. */
const lambda = new LambdaClient({ maxAttempts: 1 });

type Stores = {
  readonly leases: Leases;
  readonly circuits: Circuits;
  readonly directory: Directory;
  readonly ledger: Ledger;
};

export const handler = async (input: unknown): Promise<Job> => {
  const { job } = Input.parse(input);
  if (!job.work) throw new SutureError('FindingRejected', `The case of ${job.finding.id} names no remediation.`);
  logger.appendKeys({ execution: job.execution, finding: job.finding.id, remediation: job.work.remediation });
  const { LEDGER_TABLE } = environment('LEDGER_TABLE');
  try {
    directory ??= directoryIn(LEDGER_TABLE);
    const stores = {
      leases: dynamoLeases(LEDGER_TABLE),
      circuits: dynamoCircuits(LEDGER_TABLE),
      ledger: dynamoLedger(LEDGER_TABLE),
      directory,
    };
    return await proxy(job, job.work, stores);
  } catch (error) {
    const named = namedError(error, job, job.work);
    logger.error('attempt failed', { error: named as Error });
    throw named;
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

async function proxy(triaged: Job, planned: JobWork, { leases, circuits, directory, ledger }: Stores): Promise<Job> {
  const current = await policy.read();
  const job = stillMember(triaged, await directory.lookUp(triaged.finding.account!));
  const work: JobWork = job.approval?.approved ? { ...planned, mode: 'apply' } : planned;
  const deferred = recheckPolicy(job, work, current, new Date());
  if (deferred) {
    await ledger.wait({ ...job, result: deferred });
    return { ...job, result: deferred };
  }
  const report = (what: string, fields: Record<string, unknown>) => logger.warn(what, fields);
  const opened = await beginAttempt(job, work, current, leases, report);
  if (opened.kind !== 'admitted') {
    logger.info('not begun', { opened });
    return { ...job, result: opened };
  }
  const attempt = { made: job, work, tries: opened.tries };
  let mayStillRun = false;
  try {
    const result = await invokeRemediation(lambda, job, byPolicyNow(job, work, current));
    await tellBreaker(() => afterSuccess(attempt, result, circuits));
    return { ...job, result };
  } catch (error) {
    mayStillRun = isUnavailable(error);
    const named = namedError(error, job, work);
    await tellBreaker(() => afterFailure(attempt, named, current, circuits));
    throw named;
  } finally {
    // Where the connection broke, the remediation may be at work: no other execution gets its resource meanwhile.
    if (!mayStillRun) await giveBack(job, work, leases, report);
  }
}

const namedError = (error: unknown, { finding }: Job, { remediation }: JobWork) =>
  toSutureError(error, `${remediation} of ${finding.id}`);

/** What became of the attempt counts more than that the circuit breaker could not be told. */
async function tellBreaker(tell: () => Promise<BreakerTurn | undefined>): Promise<void> {
  try {
    const turn = await tell();
    if (!turn) return;
    metrics.addMetric(turn.kind === 'open' ? 'CircuitOpened' : 'CircuitClosed', 'Count', 1);
    logger.warn('circuit turned', { circuit: turn });
  } catch (error) {
    logger.error('the circuit breaker was not told', { error: error as Error });
  }
}
