import {
  DescribeReplayCommand,
  type DescribeReplayCommandOutput,
  EventBridgeClient,
} from '@aws-sdk/client-eventbridge';
import { findReplaySource, type ReplaySource } from '../../functions/aws/event-replay.ts';
import { isNamed } from '../../functions/contract/errors.ts';
import { FINDING_ARCHIVE } from '../../stacks/names.ts';
import { Interrupted } from '../errors/interrupted.ts';
import { Unreachable } from '../errors/unreachable.ts';
import type { Operator } from './operator.ts';

const POLL_MS = 5_000;

/** @throws Unreachable if the archive does not exist */
export function findSource({ aws, region }: Operator): Promise<ReplaySource> {
  return findReplaySource(new EventBridgeClient(aws), FINDING_ARCHIVE).catch((error) => {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    throw new Unreachable(
      `There is no archive ${FINDING_ARCHIVE} in ${region}. Use credentials of the security account and its home Region, where SutureSecurity is deployed.`,
    );
  });
}

/**
 * Returns when the replay has ended, in whatever state.
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
