import { listDeadLetterQueues } from '../../cli/clients/dead-letters.ts';
import { dlqRedriveCommand } from '../../cli/commands/dlq/redrive.ts';
import { type ReplayReport, replayCommand } from '../../cli/commands/replay.ts';
import { operatorOf, operatorOptions, type SoakInstallation } from './soak-installation.ts';

const HOUR_MS = 3_600_000;

/**
 * Does what an operator does after an outage: waits for the reconciler of orphaned executions, redrives the dead-letter
 * queues, and replays failed executions. Returns the number of replayed executions.
 */
export async function replayFailures(installation: SoakInstallation): Promise<number> {
  const { sandbox } = installation;
  await sandbox.kernel.clock.advance(4 * HOUR_MS);
  await sandbox.settled();
  const options = { ...operatorOptions(installation), reason: 'the faults are over' };
  for (const { queue, messages } of await listDeadLetterQueues(await operatorOf(installation)))
    if (messages > 0) await dlqRedriveCommand(queue, options);
  await sandbox.settled();
  const { text } = await replayCommand(undefined, { ...options, failed: true });
  await sandbox.settled();
  const { results }: ReplayReport = JSON.parse(text);
  return results.length;
}
