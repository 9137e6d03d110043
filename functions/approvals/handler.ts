/** Approvals: people list what waits for them, and answer. Behind a function URL with IAM authorization. */
import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { LambdaFunctionURLResult } from 'aws-lambda';
import { environment } from '../aws/environment.ts';
import { logger, metrics } from '../aws/observe.ts';
import { isNamed, isThrottling, isUnavailable } from '../contract/errors.ts';
import { dynamoApprovals } from '../ledger/approvals.ts';
import type { AnswerDeps } from './answer.ts';
import { type Reply, Request, reply } from './http.ts';

/** An answer that was delivered by a first try would look gone to a second. */
const states = new SFNClient({ maxAttempts: 1 });

const send: AnswerDeps['send'] = async (taskToken, answer) => {
  try {
    await states.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(answer) }));
    return 'sent';
  } catch (error) {
    if (isNamed(error, 'TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken')) return 'gone';
    throw error;
  }
};

export const handler = async (event: unknown): Promise<LambdaFunctionURLResult> => {
  const request = Request.parse(event);
  const by = request.requestContext.authorizer.iam.userArn;
  logger.appendKeys({ by, method: request.requestContext.http.method, path: request.rawPath });
  try {
    const { LEDGER_TABLE } = environment('LEDGER_TABLE');
    const replied = await reply(request, { approvals: dynamoApprovals(LEDGER_TABLE), send, now: Date.now });
    audit(replied);
    return result(replied.status, replied.body);
  } catch (error) {
    logger.error('request failed', { error: error as Error });
    if (!isThrottling(error) && !isUnavailable(error)) throw error;
    return result(503, { message: 'AWS was busy. Ask again: an answer that was taken is kept, and delivered then.' });
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
};

/** One line for each answer, and for each that was refused. */
function audit({ status, answered }: Reply): void {
  if (answered?.kind === 'answered' && answered.first) {
    const { approval, answer } = answered;
    const { finding, work, execution } = approval.made;
    metrics.addDimension('Answer', answer.approved ? 'approve' : 'deny');
    metrics.addMetric('ApprovalsAnswered', 'Count', 1);
    logger.info('approval answered', { approval: approval.id, answer, execution, finding: finding.id, work });
  } else if (answered) logger.warn('answer refused', { status, because: answered.kind });
}

const result = (statusCode: number, body: object): LambdaFunctionURLResult => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
