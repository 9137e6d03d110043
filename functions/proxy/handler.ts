/**
 * The proxy: the policy enforcement point between the security and the service account. At every attempt, also after a
 * redrive or an approval, it checks policy again, takes the lease, and invokes the one function that remediates.
 */
import { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { environment } from '../aws/environment.ts';
import { dynamoLedger, type Ledger } from '../aws/ledger.ts';
import { logger } from '../aws/observe.ts';
import { policySource } from '../aws/policy-source.ts';
import { Case, type Work } from '../contract/case.ts';
import { SutureError, toSutureError } from '../contract/errors.ts';
import { invokeRemediation } from './invoke.ts';
import { mayStill } from './may-still.ts';

const Input = z.object({ case: Case });

const policy = policySource();
/** A remediation is never tried twice behind the workflow's back. */
const lambda = new LambdaClient({ maxAttempts: 1 });

export const handler = async (input: unknown): Promise<Case> => {
  const { case: made } = Input.parse(input);
  if (!made.work) throw new SutureError('FindingRejected', `The case of ${made.finding.id} names no remediation.`);
  logger.appendKeys({ execution: made.execution, finding: made.finding.id, remediation: made.work.remediation });
  const ledger = dynamoLedger(environment('LEDGER_TABLE').LEDGER_TABLE);
  try {
    return await proxy(made, made.work, ledger);
  } catch (error) {
    const named = toSutureError(error, `${made.work.remediation} of ${made.finding.id}`);
    logger.error('attempt failed', { error: named as Error });
    throw named;
  } finally {
    logger.resetKeys();
  }
};

async function proxy(made: Case, planned: Work, ledger: Ledger): Promise<Case> {
  const current = await policy.read();
  const work: Work = made.approval?.approved ? { ...planned, mode: 'apply' } : planned;
  const deferred = mayStill(made, work, current, new Date());
  if (deferred) return { ...made, result: deferred };
  const opened = await ledger.open(made, work, current.caps.perAccountAndHour);
  if (opened.kind === 'duplicate') {
    logger.info('duplicate', { because: opened.because });
    return { ...made, result: opened };
  }
  try {
    return { ...made, result: await invokeRemediation(lambda, made, work) };
  } finally {
    await ledger.release(made, work);
  }
}
