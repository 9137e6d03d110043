/**
 * Unexplained sessions: checks each session of the member role against the execution that it names, and raises an alarm
 * if there is none.
 */
import { SFNClient } from '@aws-sdk/client-sfn';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { environment } from '../aws/environment.ts';
import { logger, metrics } from '../aws/observe.ts';
import { sessionExecutions } from '../aws/session-executions.ts';
import { OpenedSession } from '../domain/member-session.ts';
import type { DescribeSessionExecution } from '../ports/session-executions.ts';
import { DECLARATIONS } from '../remediations/declarations.generated.ts';
import { reasonUnexplained } from './explain.ts';

const describe = sessionExecutions(new SFNClient({ maxAttempts: 8 }));

export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const { EXECUTIONS, DOCTOR } = environment('EXECUTIONS', 'DOCTOR');
  const deps = { executions: EXECUTIONS, doctor: DOCTOR, describe: withCache(describe), remediations: DECLARATIONS };
  const failed: string[] = [];
  let unexplained = 0;
  for (const { messageId, body } of Records) {
    try {
      const session = OpenedSession.parse(JSON.parse(body));
      const because = await reasonUnexplained(session, deps);
      if (because === undefined) continue;
      unexplained += 1;
      logger.error('no execution explains a session of the member role', { session, because });
    } catch (error) {
      logger.error('a session could not be checked', { error: error as Error, body: body.slice(0, 500) });
      failed.push(messageId);
    }
  }
  if (unexplained > 0) metrics.addMetric('UnexplainedSessions', 'Count', unexplained);
  metrics.publishStoredMetrics();
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
};

/** An execution opens several sessions, which arrive together. */
function withCache(describe: DescribeSessionExecution): DescribeSessionExecution {
  const answers = new Map<string, ReturnType<DescribeSessionExecution>>();
  return (execution) => {
    const answer = answers.get(execution) ?? describe(execution);
    answers.set(execution, answer);
    return answer;
  };
}
