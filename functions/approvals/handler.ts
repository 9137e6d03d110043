/** Approvals: lets people list and answer the changes that wait for them, behind the API. */
import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { environment } from '../aws/environment.ts';
import { logger, metrics } from '../aws/observe.ts';
import { signerWith } from '../aws/signatures.ts';
import { isNamed, isThrottling, isUnavailable, RETRIED } from '../contract/errors.ts';
import { ApiRequest, proxyResult, refusal, signerOf } from '../domain/api.ts';
import { dynamoApprovals } from '../ledger/approvals.ts';
import { dynamoRequesters } from '../ledger/requesters.ts';
import type { AnswerDeps } from './answer.ts';
import { type ApprovalReply, replyTo } from './http.ts';

/** Without retries: a retry would find the execution answered by the first attempt, and report it as gone. */
const stepFunctions = new SFNClient({ maxAttempts: 1 });

const send: AnswerDeps['send'] = async (taskToken, answer) => {
  try {
    await stepFunctions.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(answer) }));
    return 'sent';
  } catch (error) {
    if (isNamed(error, 'TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken')) return 'gone';
    throw error;
  }
};

export const handler = async (event: unknown): Promise<APIGatewayProxyResult> => {
  const request = ApiRequest.parse(event);
  const { httpMethod: method, resource, pathParameters } = request;
  logger.appendKeys({ by: signerOf(request), method, resource, id: pathParameters?.id });
  try {
    const { LEDGER_TABLE, SIGNING_KEY } = environment('LEDGER_TABLE', 'SIGNING_KEY');
    const response = await replyTo(request, {
      approvals: dynamoApprovals(LEDGER_TABLE),
      requesters: dynamoRequesters(LEDGER_TABLE),
      sign: signerWith(SIGNING_KEY),
      send,
      now: Date.now,
    });
    audit(response);
    return proxyResult(response);
  } catch (error) {
    logger.error('request failed', { error: error as Error });
    if (!isThrottling(error) && !isUnavailable(error) && !isNamed(error, ...RETRIED)) throw error;
    return proxyResult(
      refusal(503, 'AWS was busy. Send the request again: an answer that was stored is kept, and delivered then.'),
    );
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

function audit({ status, outcome }: ApprovalReply): void {
  if (outcome?.kind === 'answered' && outcome.first) {
    const { approval, answer } = outcome;
    const { finding, work, execution } = approval.job;
    metrics.addDimension('Answer', answer.approved ? 'approve' : 'deny');
    metrics.addMetric('ApprovalsAnswered', 'Count', 1);
    logger.info('approval answered', { approval: approval.id, answer, execution, finding: finding.id, work });
  } else if (outcome) logger.warn('answer refused', { status, because: outcome.kind });
}
