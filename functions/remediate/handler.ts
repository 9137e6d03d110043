/** The function of one remediation: parses the request, opens sessions in the member account, runs the engine. */
import { setTimeout } from 'node:timers/promises';
import { STSClient } from '@aws-sdk/client-sts';
import { environment } from '../aws/environment.ts';
import { s3LockedCopies } from '../aws/locked-copies.ts';
import { assumeMemberRole, clientsFor, failedCallName } from '../aws/member-session.ts';
import { logger, metrics } from '../aws/observe.ts';
import { errorDescription, RETRIED, SutureError } from '../contract/errors.ts';
import type { Remediation } from '../contract/remediation.ts';
import { type MemberCall, RemediationRequest } from '../domain/job.ts';
import { rollsBackApart } from '../domain/permissions.ts';
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
    const { JOURNAL_TABLE, COPIES_BUCKET, MEMBER_ROLE, EXTERNAL_ID, MODES } = environment(
      'JOURNAL_TABLE',
      'COPIES_BUCKET',
      'MEMBER_ROLE',
      'EXTERNAL_ID',
      'MODES',
    );
    const calls: MemberCall[] = [];
    try {
      requireMode(remediation, mode, MODES);
      const result = await runRemediation(remediation, request, {
        journal: dynamoJournal(JOURNAL_TABLE),
        copies: s3LockedCopies(COPIES_BUCKET),
        alert,
        now: Date.now,
        sleep: setTimeout,
        session: async (policy) => {
          const credentials = await assumeMemberRole(sts, MEMBER_ROLE, EXTERNAL_ID, {
            remediation: remediation.id,
            rollsBackApart: mode === 'rollback' && rollsBackApart(remediation),
            place: finding,
            execution,
            findingId: finding.id,
            policy,
          });
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

function alert(message: string): void {
  logger.error('the journal differs from its locked copy', { difference: message });
  metrics.addMetric('JournalDiffers', 'Count', 1);
  metrics.publishStoredMetrics();
}

/** The function of a rollback does nothing else, and no other function does what it does. */
function requireMode({ id }: Remediation, mode: RemediationRequest['mode'], modes: string): void {
  if (modes.split(' ').includes(mode)) return;
  throw new SutureError(
    'ConfigurationInvalid',
    `This function of ${id} runs ${modes.replaceAll(' ', ', ')}, and was invoked for ${mode}. Deploy SutureSecurity and the remediation's stack again, from one version.`,
  );
}

/** Renames a final error of a rollback, so that a person is paged: the resource is not in a wanted state. */
function rollbackFailure(mode: RemediationRequest['mode'], error: unknown): unknown {
  if (mode !== 'rollback' || !(error instanceof Error) || RETRIED.some((name) => name === error.name)) return error;
  if (error.name === 'RollbackFailed') return error;
  return new SutureError('RollbackFailed', `The rollback failed with ${errorDescription(error)}`, { cause: error });
}
