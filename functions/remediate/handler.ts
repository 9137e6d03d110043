/** The function of one remediation: parses the request, opens sessions in the member account, runs the engine. */
import { setTimeout } from 'node:timers/promises';
import { STSClient } from '@aws-sdk/client-sts';
import { environment } from '../aws/environment.ts';
import { assumeMemberRole, clientsFor, failedCallName } from '../aws/member-session.ts';
import { logger } from '../aws/observe.ts';
import { errorDescription, RETRIED, SutureError } from '../contract/errors.ts';
import type { Remediation } from '../contract/remediation.ts';
import { type MemberCall, RemediationRequest } from '../domain/job.ts';
import { parseInput } from '../domain/version.ts';
import { dynamoJournal } from '../ledger/journal.ts';
import { type EngineResult, runRemediation } from './engine.ts';
import { namedError } from './named-error.ts';

/** Calls in the result are limited, because a job must stay small. The log has all of them. */
const MAX_CALLS = 40;

const sts = new STSClient({ maxAttempts: 3 });

export const remediationHandler =
  (remediation: Remediation) =>
  async (event: unknown): Promise<EngineResult & { readonly calls: readonly MemberCall[] }> => {
    const request = parseInput(RemediationRequest, event);
    const { finding, execution, mode } = request;
    logger.appendKeys({ finding: finding.id, execution, remediation: remediation.id, account: finding.account });
    const { JOURNAL_TABLE, MEMBER_ROLE, EXTERNAL_ID } = environment('JOURNAL_TABLE', 'MEMBER_ROLE', 'EXTERNAL_ID');
    const calls: MemberCall[] = [];
    try {
      const result = await runRemediation(remediation, request, {
        journal: dynamoJournal(JOURNAL_TABLE),
        now: Date.now,
        sleep: setTimeout,
        session: async (policy) => {
          const request = { remediation: remediation.id, place: finding, execution, findingId: finding.id, policy };
          const credentials = await assumeMemberRole(sts, MEMBER_ROLE, EXTERNAL_ID, request);
          calls.push({ call: 'STS AssumeRole' });
          return clientsFor(remediation.clients, credentials, finding.region, (call) => calls.push(call));
        },
      });
      logger.info('remediation ended', { mode, result, calls });
      return { ...result, calls: calls.slice(0, MAX_CALLS) };
    } catch (error) {
      const named = rollbackFailure(mode, namedError(error, remediation, finding, MEMBER_ROLE, failedCallName(error)));
      logger.error('remediation failed', { mode, error: named as Error, calls });
      throw named;
    } finally {
      logger.resetKeys();
    }
  };

/** Renames a final error of a rollback, so that a person is paged: the resource is not in a wanted state. */
function rollbackFailure(mode: RemediationRequest['mode'], error: unknown): unknown {
  if (mode !== 'rollback' || !(error instanceof Error) || RETRIED.some((name) => name === error.name)) return error;
  if (error.name === 'RollbackFailed') return error;
  return new SutureError('RollbackFailed', `The rollback failed with ${errorDescription(error)}`, { cause: error });
}
