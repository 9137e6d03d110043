/**
 * The proxy: the policy enforcement point between the security and the service account. At every attempt it checks
 * policy and account again, takes the lease, and invokes the one function that remediates.
 */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { environment } from '../aws/environment.ts';
import { dynamoLedger, type Ledger } from '../aws/ledger.ts';
import { logger } from '../aws/observe.ts';
import { policySource } from '../aws/policy-source.ts';
import { Case, type Work } from '../contract/case.ts';
import { SutureError, toSutureError } from '../contract/errors.ts';
import { modeOf, type Policy } from '../contract/policy.ts';
import { invokeRemediation } from './invoke.ts';

const policy = policySource();
/** A remediation is never tried twice behind the workflow's back. */
const lambda = new LambdaClient({ maxAttempts: 1 });

export const handler = async (input: unknown): Promise<Case> => {
  const made = Case.parse(input);
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

async function proxy(made: Case, work: Work, ledger: Ledger): Promise<Case> {
  const current = await policy.read();
  mayStill(made, work, current);
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

/** What policy allowed at triage, it must still allow now: hours may lie between, or a person's stop. */
function mayStill({ finding }: Case, work: Work, current: Policy): void {
  const { mode } = modeOf(current, finding.control!);
  if (mode === 'auto' || (mode === 'observe' && work.mode === 'plan')) return;
  throw new SutureError(
    'Stopped',
    `Policy says ${mode} for ${finding.control} now; when the finding was triaged it allowed ${work.mode}. ` +
      'Nothing was written. Change the policy and redrive, or leave it.',
  );
}
