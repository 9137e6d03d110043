/** What an operator does when the faults are over. */

import { deadLetters } from '../../cli/clients/dead-letters.ts';
import { dlqRedriveCommand } from '../../cli/commands/dlq.ts';
import { type ReplayReport, replayCommand } from '../../cli/commands/replay.ts';
import { atTheDesk, operatorOf, type Soaked } from './soak-installation.ts';

const HOUR = 3_600_000;

/** Has what got lost found, sends dead letters again, and replays what failed. Answers how much was replayed. */
export async function mend(soaked: Soaked): Promise<number> {
  const { sandbox } = soaked;
  // The reconciler for orphaned executions comes every three hours.
  await sandbox.kernel.clock.advance(4 * HOUR);
  await sandbox.settled();
  const asked = { ...atTheDesk(soaked), reason: 'the faults are over' };
  for (const { queue, messages } of await deadLetters(await operatorOf(soaked)))
    if (messages > 0) await dlqRedriveCommand(queue, asked);
  await sandbox.settled();
  const { text } = await replayCommand(undefined, { ...asked, failed: true });
  await sandbox.settled();
  const { ended }: ReplayReport = JSON.parse(text);
  return ended.length;
}
