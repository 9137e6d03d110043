import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { toSutureError } from '../contract/errors.ts';
import type { FindingEvent } from '../domain/finding.ts';
import { childName } from '../domain/trace.ts';

const CONCURRENCY = 10;

/**
 * Starts an execution for each finding of an event, and returns their number. Idempotent: their names come from event
 * id and index, so a retry of triage starts none twice.
 */
export async function startChildExecutions(
  stepFunctions: SFNClient,
  stateMachineArn: string,
  event: FindingEvent,
): Promise<number> {
  const { findings } = event.detail;
  for (let first = 0; first < findings.length; first += CONCURRENCY) {
    const group = findings.slice(first, first + CONCURRENCY);
    await Promise.all(
      group.map((finding, offset) => start(stepFunctions, stateMachineArn, event, finding, first + offset)),
    );
  }
  return findings.length;
}

async function start(
  stepFunctions: SFNClient,
  stateMachineArn: string,
  event: FindingEvent,
  finding: unknown,
  index: number,
) {
  const child = { ...event, detail: { ...event.detail, findings: [finding] } };
  const name = childName(event.id, index);
  try {
    await stepFunctions.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(child) }));
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return;
    throw toSutureError(error, `StartExecution of ${name}`);
  }
}
