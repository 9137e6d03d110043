/** The function of one remediation: parses the request, opens sessions in the member account, runs the engine. */
import { setTimeout } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { STSClient } from '@aws-sdk/client-sts';
import { environment } from '../aws/environment.ts';
import { stackFinder } from '../aws/find-stack.ts';
import { writeFinder } from '../aws/find-write.ts';
import { NAMES } from '../aws/installation.ts';
import { s3LockedCopies } from '../aws/locked-copies.ts';
import { assumeMemberRole, clientsFor, failedCallName, type MemberCredentials } from '../aws/member-session.ts';
import { logger, metrics } from '../aws/observe.ts';
import { readRoleTags } from '../aws/role-version.ts';
import { verifierWith } from '../aws/signatures.ts';
import { errorDescription, RETRIED, SutureError } from '../contract/errors.ts';
import type { Remediation } from '../contract/remediation.ts';
import { withCalls } from '../domain/failed-calls.ts';
import type { MemberCall, RemediationRequest, RemediationResult } from '../domain/job.ts';
import { ownTags } from '../domain/owners.ts';
import { type PolicyDocument, rollsBackApart } from '../domain/permissions.ts';
import { versionPolicy } from '../domain/role-version.ts';
import { mayAskForStack } from '../domain/stack-question.ts';
import { dynamoJournal } from '../ledger/journal.ts';
import type { Warn } from '../ports/log.ts';
import { type EngineDeps, type EngineResult, runRemediation } from './engine.ts';
import { namedError } from './named-error.ts';
import { outdatedRole } from './outdated-role.ts';
import { parseRemediationRequest } from './parse-request.ts';
import { requireSigned } from './signed-request.ts';

/** Calls in the result are limited, because a job must stay small. The log has all of them. */
const MAX_CALLS = 40;

const sts = new STSClient({ maxAttempts: 3 });
const STACKS = { cloudformation: CloudFormationClient };
const EVENTS = { cloudtrail: CloudTrailClient };

const settings = () =>
  environment('JOURNAL_TABLE', 'COPIES_BUCKET', 'MEMBER_ROLE', 'EXTERNAL_ID', 'MODES', 'TRIAGE_KEY', 'APPROVALS_KEY');

export const remediationHandler =
  (remediation: Remediation) =>
  async (event: unknown): Promise<EngineResult & HandlerFacts> => {
    const request = parseRemediationRequest(remediation.id, event);
    const { finding, execution, mode } = request;
    logger.appendKeys({ finding: finding.id, execution, remediation: remediation.id, account: finding.account });
    const { JOURNAL_TABLE, COPIES_BUCKET, MEMBER_ROLE, EXTERNAL_ID, MODES, TRIAGE_KEY, APPROVALS_KEY } = settings();
    const calls: MemberCall[] = [];
    const onCall = (call: MemberCall) => void calls.push(call);
    let planCredentials: MemberCredentials | undefined;
    let ownerTags: HandlerFacts['ownerTags'];
    const assume = async (policy: PolicyDocument) => {
      const credentials = await assumeMemberRole(sts, MEMBER_ROLE, EXTERNAL_ID, {
        remediation: remediation.id,
        rollsBackApart: mode === 'rollback' && rollsBackApart(remediation),
        place: finding,
        execution,
        findingId: finding.id,
        policy,
      });
      onCall({ call: 'STS AssumeRole' });
      if (mayAskForStack(policy)) planCredentials = credentials;
      return credentials;
    };
    const roleArn = `arn:${finding.partition}:iam::${finding.account}:role/${MEMBER_ROLE}`;
    const readTags = async () =>
      readRoleTags(await assume(versionPolicy(roleArn)), MEMBER_ROLE.slice(MEMBER_ROLE.lastIndexOf('/') + 1));
    try {
      requireMode(remediation, mode, MODES);
      await requireSigned(remediation, request, {
        verifyTriage: verifierWith(TRIAGE_KEY),
        verifyApproval: verifierWith(APPROVALS_KEY),
        alert: (problem) => ring('UnsignedRequests', 'the request is not what was signed', problem),
      });
      const result = await runRemediation(remediation, request, {
        journal: dynamoJournal(JOURNAL_TABLE),
        copies: s3LockedCopies(COPIES_BUCKET),
        alert: (difference) => ring('JournalDiffers', 'the journal differs from its locked copy', difference),
        now: Date.now,
        sleep: setTimeout,
        session: async (policy) => clientsFor(remediation.clients, await assume(policy), finding.region, onCall),
        onTags(tags) {
          if (request.ownerKeys) ownerTags = ownTags(tags, request.ownerKeys);
        },
        ...questionsOfPlans(() => planCredentials!, roleArn, onCall),
      });
      logger.info('remediation ended', { mode, result, calls });
      return { ...result, calls: calls.slice(0, MAX_CALLS), ...(ownerTags && { ownerTags }) };
    } catch (error) {
      const outdated = await outdatedRole(error, remediation, finding, MEMBER_ROLE, { readTags, warn });
      const named = rollbackFailure(
        mode,
        outdated ?? namedError(error, remediation, finding, MEMBER_ROLE, failedCallName(error)),
      );
      logger.error('remediation failed', { mode, error: named as Error, calls });
      throw withCalls(named, calls);
    } finally {
      logger.resetKeys();
    }
  };

type HandlerFacts = {
  readonly calls: readonly MemberCall[];
  readonly ownerTags?: Extract<RemediationResult, { kind: 'planned' }>['ownerTags'];
};

/** Asks with the credentials of the plan's session, which alone may. */
const questionsOfPlans = (
  planCredentials: () => MemberCredentials,
  roleArn: string,
  onCall: (call: MemberCall) => void,
): Pick<EngineDeps, 'findStack' | 'findWrite'> => ({
  findStack: stackFinder((region) => clientsFor(STACKS, planCredentials(), region, onCall).cloudformation),
  findWrite: writeFinder({
    clientIn: (region) => clientsFor(EVENTS, planCredentials(), region, onCall).cloudtrail,
    ownRoles: roleArn.slice(0, roleArn.lastIndexOf('/') + 1),
    warn,
  }),
});

const warn: Warn = (message, fields) => logger.warn(message, fields);

/** Logs an error, and counts it in a metric that has an alarm. */
function ring(metric: 'JournalDiffers' | 'UnsignedRequests', message: string, difference: string): void {
  logger.error(message, { difference });
  metrics.addMetric(metric, 'Count', 1);
  metrics.publishStoredMetrics();
}

/**
 * Refuses modes of the remediation's other function: one that declares `undoes` rolls back in a function of its own.
 */
function requireMode({ id }: Remediation, mode: RemediationRequest['mode'], modes: string): void {
  if (modes.split(' ').includes(mode)) return;
  throw new SutureError(
    'ConfigurationInvalid',
    `This function of ${id} runs ${modes.replaceAll(' ', ', ')}, and was invoked for ${mode}. Deploy ${NAMES.stack('Security')} and the remediation's stack again, from one version.`,
  );
}

/** Returns the error's text, whose command to replay names the error that the ledger has. */
const replayedAsRollback = (error: Error): string =>
  errorDescription(error).replaceAll(/(replay --failed --error )\w+/g, '$1RollbackFailed');

/** Renames a final error of a rollback, so that a person is paged: the resource is not in a wanted state. */
function rollbackFailure(mode: RemediationRequest['mode'], error: unknown): unknown {
  if (mode !== 'rollback' || !(error instanceof Error) || RETRIED.some((name) => name === error.name)) return error;
  if (error.name === 'RollbackFailed') return error;
  return new SutureError('RollbackFailed', `The rollback failed with ${replayedAsRollback(error)}`, { cause: error });
}
