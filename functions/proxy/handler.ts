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
import { Case, type Work } from '../domain/job.ts';
import { type Circuits, dynamoCircuits } from '../ledger/circuits.ts';
import { type Directory, directoryIn } from '../ledger/directory.ts';
import { dynamoLeases, type Leases } from '../ledger/leases.ts';
import { dynamoLedger, type Ledger } from '../ledger/ledger.ts';
import { afterFailure, afterSuccess, type Turn } from './breaker.ts';
import { giveBack } from './give-back.ts';
import { invokeRemediation } from './invoke.ts';
import { byPolicyNow, mayStill, stillMember } from './may-still.ts';
import { open } from './open.ts';

const Input = z.object({ case: Case });

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

export const handler = async (input: unknown): Promise<Case> => {
  const { case: made } = Input.parse(input);
  if (!made.work) throw new SutureError('FindingRejected', `The case of ${made.finding.id} names no remediation.`);
  logger.appendKeys({ execution: made.execution, finding: made.finding.id, remediation: made.work.remediation });
  const { LEDGER_TABLE } = environment('LEDGER_TABLE');
  try {
    directory ??= directoryIn(LEDGER_TABLE);
    const stores = {
      leases: dynamoLeases(LEDGER_TABLE),
      circuits: dynamoCircuits(LEDGER_TABLE),
      ledger: dynamoLedger(LEDGER_TABLE),
      directory,
    };
    return await proxy(made, made.work, stores);
  } catch (error) {
    const named = namedError(error, made, made.work);
    logger.error('attempt failed', { error: named as Error });
    throw named;
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

async function proxy(triaged: Case, planned: Work, { leases, circuits, directory, ledger }: Stores): Promise<Case> {
  const current = await policy.read();
  const made = stillMember(triaged, await directory.lookUp(triaged.finding.account!));
  const work: Work = made.approval?.approved ? { ...planned, mode: 'apply' } : planned;
  const deferred = mayStill(made, work, current, new Date());
  if (deferred) {
    await ledger.wait({ ...made, result: deferred });
    return { ...made, result: deferred };
  }
  const report = (what: string, fields: Record<string, unknown>) => logger.warn(what, fields);
  const opened = await open(made, work, current, leases, report);
  if (opened.kind !== 'admitted') {
    logger.info('not begun', { opened });
    return { ...made, result: opened };
  }
  const attempt = { made, work, tries: opened.tries };
  let mayStillRun = false;
  try {
    const result = await invokeRemediation(lambda, made, byPolicyNow(made, work, current));
    await tellBreaker(() => afterSuccess(attempt, result, circuits));
    return { ...made, result };
  } catch (error) {
    mayStillRun = isUnavailable(error);
    const named = namedError(error, made, work);
    await tellBreaker(() => afterFailure(attempt, named, current, circuits));
    throw named;
  } finally {
    // Where the connection broke, the remediation may be at work: no other execution gets its resource meanwhile.
    if (!mayStillRun) await giveBack(made, work, leases, report);
  }
}

const namedError = (error: unknown, { finding }: Case, { remediation }: Work) =>
  toSutureError(error, `${remediation} of ${finding.id}`);

/** What became of the attempt counts more than that the circuit breaker could not be told. */
async function tellBreaker(tell: () => Promise<Turn | undefined>): Promise<void> {
  try {
    const turn = await tell();
    if (!turn) return;
    metrics.addMetric(turn.kind === 'open' ? 'CircuitOpened' : 'CircuitClosed', 'Count', 1);
    logger.warn('circuit turned', { circuit: turn });
  } catch (error) {
    logger.error('the circuit breaker was not told', { error: error as Error });
  }
}
