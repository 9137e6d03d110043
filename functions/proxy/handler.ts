/**
 * The proxy: the policy enforcement point between the security and the service account. At every attempt, also after a
 * redrive or an approval, it checks policy, kill switch, circuit and caps again, takes the lease, and invokes the
 * function of the one remediation.
 */
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import { directoryOf } from '../aws/directory.ts';
import { environment } from '../aws/environment.ts';
import { invokerSession } from '../aws/invoker-session.ts';
import { logger, metrics } from '../aws/observe.ts';
import { policySource } from '../aws/policy-source.ts';
import { remediationInvoker } from '../aws/remediation-functions.ts';
import { SutureError } from '../contract/errors.ts';
import { Job, JobStep } from '../domain/job.ts';
import { policySince } from '../domain/policy-since.ts';
import { withGoneUnits } from '../domain/policy-units.ts';
import { withStep } from '../domain/steps.ts';
import { parseInput } from '../domain/version.ts';
import { dynamoAccounts } from '../ledger/accounts.ts';
import { storeAttemptError } from '../ledger/attempt-errors.ts';
import { dynamoCircuits } from '../ledger/circuits.ts';
import { dynamoDb } from '../ledger/dynamodb.ts';
import { dynamoLeases } from '../ledger/leases.ts';
import { dynamoLedger } from '../ledger/ledger.ts';
import type { Directory } from '../ports/directory.ts';
import type { Warn } from '../ports/log.ts';
import { type AttemptDeps, attemptError, attemptRemediation } from './attempt.ts';
import type { CircuitChange } from './breaker.ts';

const Input = z.object({ job: Job, step: JobStep });

const policy = policySource();
const organizations = new OrganizationsClient({ maxAttempts: 3 });
let directory: Directory | undefined;
const invoke = remediationInvoker(invokerSession(new STSClient({ maxAttempts: 3 })));

const warn: Warn = (message, fields) => logger.warn(message, fields);

export const handler = async (input: unknown): Promise<Job> => {
  const { job, step } = parseInput(Input, input);
  const { work } = job;
  if (!work) throw new SutureError('FindingRejected', `The job of ${job.finding.id} names no remediation.`);
  logger.appendKeys({ execution: job.execution, finding: job.finding.id, remediation: work.remediation });
  const { LEDGER_TABLE } = environment('LEDGER_TABLE');
  try {
    const result = await attemptRemediation(job, work, await dependencies(LEDGER_TABLE, job));
    logger.info('attempt ended', { result: result.result?.kind });
    return withStep(result, step);
  } catch (error) {
    const named = attemptError(error, job, work);
    await storeAttemptError(LEDGER_TABLE, { execution: job.execution, step, error: named }, warn);
    logger.error('attempt failed', { error: named as Error });
    throw named;
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

async function dependencies(table: string, job: Job): Promise<AttemptDeps> {
  directory ??= directoryOf({ accounts: dynamoAccounts(table, dynamoDb()), organizations, now: Date.now });
  return {
    policy: withGoneUnits(await policy.read(policySince(job, job)), await directory.units()),
    directory,
    ledger: dynamoLedger(table),
    leases: dynamoLeases(table),
    circuits: dynamoCircuits(table),
    invoke,
    random: Math.random,
    warn,
    onCircuitChange,
  };
}

function onCircuitChange(change: CircuitChange): void {
  metrics.addMetric(change.kind === 'open' ? 'CircuitOpened' : 'CircuitClosed', 'Count', 1);
  logger.warn('circuit changed', { circuit: change });
}
