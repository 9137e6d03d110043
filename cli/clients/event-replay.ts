import {
  DescribeReplayCommand,
  type DescribeReplayCommandOutput,
  EventBridgeClient,
} from '@aws-sdk/client-eventbridge';
import { findReplaySource, type ReplaySource } from '../../functions/aws/event-replay.ts';
import { isNamed } from '../../functions/contract/errors.ts';
import { findingEventsQueue } from '../../functions/domain/dead-letters.ts';
import { Interrupted } from '../errors/interrupted.ts';
import { listDeadLetterQueues } from './dead-letters.ts';
import { missingResource } from './home-region-hint.ts';
import { installedNames } from './installed-names.ts';
import type { Operator } from './operator.ts';
import { redriveDeadLetters } from './redrive-dead-letters.ts';
import { beginRun } from './runs.ts';

const POLL_MS = 5_000;

/** @throws Unreachable if the archive does not exist */
export function findSource({ aws, region }: Operator): Promise<ReplaySource> {
  const names = installedNames();
  return findReplaySource(new EventBridgeClient(aws), names).catch((error) => {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    throw missingResource(`archive ${names.findingArchive}`, region, 'Security');
  });
}

/**
 * Returns the replay when it has ended, in any state.
 * @throws Interrupted on Ctrl-C; the replay continues
 */
export async function waitForReplay(
  { aws, sleep, progress, signal }: Operator,
  ReplayName: string,
): Promise<DescribeReplayCommandOutput> {
  const events = new EventBridgeClient(aws);
  for (;;) {
    const replay = await events.send(new DescribeReplayCommand({ ReplayName }));
    if (replay.State !== 'STARTING' && replay.State !== 'RUNNING') return replay;
    if (signal?.aborted) throw new Interrupted(`EventBridge continues the replay ${ReplayName}; cancel it there.`);
    progress(`${replay.State}, events until ${replay.EventLastReplayedTime?.toISOString() ?? 'none yet'}`);
    await sleep(POLL_MS);
  }
}

const REDRIVES_PER_SECOND = 10;

/**
 * Starts an execution for each event in the dead-letter queue, until no event follows. AWS does not document whether a
 * replayed event gets the execution name of its first delivery. If it does, EventBridge puts the event into this queue,
 * and triage treats it as a duplicate.
 */
export async function redriveUndelivered(
  operator: Operator,
  reason: string,
): Promise<{ readonly redriven: number; readonly problems: readonly string[] }> {
  let redriven = 0;
  const name = findingEventsQueue(installedNames());
  for (;;) {
    await operator.sleep(POLL_MS);
    const queue = (await listDeadLetterQueues(operator)).find((each) => each.queue === name);
    if (!queue || queue.messages === queue.inFlight) return { redriven, problems: [] };
    const run = await beginRun(operator, { kind: 'redrives', reason, selection: { queue: name } });
    const result = await redriveDeadLetters(queue, run, operator, REDRIVES_PER_SECOND);
    await run.end({ redriven: result.redriven, problems: result.problems.length });
    redriven += result.redriven;
    if (result.problems.length > 0 || result.redriven === 0) return { redriven, problems: result.problems };
  }
}
