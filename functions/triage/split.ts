/** One child execution for each finding of an event that holds several. */
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { toSutureError } from '../contract/errors.ts';
import type { FindingEvent } from '../domain/finding.ts';
import { childName } from '../domain/trace.ts';

/** How many starts are under way at once. */
const AT_ONCE = 10;

/**
 * Starts the children and answers how many there are. Their names come from event id and index: when triage is tried
 * again, those that exist are not started twice.
 */
export async function split(states: SFNClient, stateMachineArn: string, event: FindingEvent): Promise<number> {
  const { findings } = event.detail;
  for (let first = 0; first < findings.length; first += AT_ONCE) {
    const group = findings.slice(first, first + AT_ONCE);
    await Promise.all(group.map((finding, offset) => start(states, stateMachineArn, event, finding, first + offset)));
  }
  return findings.length;
}

async function start(states: SFNClient, stateMachineArn: string, event: FindingEvent, finding: unknown, index: number) {
  const child = { ...event, detail: { ...event.detail, findings: [finding] } };
  const name = childName(event.id, index);
  try {
    await states.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(child) }));
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return;
    throw toSutureError(error, `StartExecution of ${name}`);
  }
}
