import {
  DescribeArchiveCommand,
  DescribeReplayCommand,
  type DescribeReplayCommandOutput,
  EventBridgeClient,
  ListRulesCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { isNamed } from '../../functions/contract/errors.ts';
import { FINDING_ARCHIVE } from '../../stacks/names.ts';
import { Failure } from '../errors/failure.ts';
import type { Operator } from './operator.ts';

const POLL_MS = 5_000;
const RULE_PREFIXES = ['suture-findings-', 'suture-action-'];

export type ReplaySource = {
  readonly archiveArn: string;
  readonly busArn: string;
  readonly ruleArns: readonly string[];
};

/** @throws Failure if the archive does not exist */
export async function findReplaySource({ aws, region }: Operator): Promise<ReplaySource> {
  const events = new EventBridgeClient(aws);
  const archive = await events.send(new DescribeArchiveCommand({ ArchiveName: FINDING_ARCHIVE })).catch((error) => {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    throw new Failure(
      `There is no archive ${FINDING_ARCHIVE} in ${region}. Use credentials of the security account and its home Region, where SutureSecurity is deployed.`,
    );
  });
  return { archiveArn: archive.ArchiveArn!, busArn: archive.EventSourceArn!, ruleArns: await listRules(events) };
}

async function listRules(events: EventBridgeClient): Promise<string[]> {
  const arns: string[] = [];
  for (const NamePrefix of RULE_PREFIXES) {
    let NextToken: string | undefined;
    do {
      const page = await events.send(new ListRulesCommand({ NamePrefix, NextToken }));
      arns.push(...(page.Rules ?? []).map(({ Arn }) => Arn!));
      NextToken = page.NextToken;
    } while (NextToken);
  }
  return arns;
}

export type EventReplay = {
  readonly name: string;
  /** From then on, and before `to`. */
  readonly from: string;
  readonly to: string;
  readonly reason: string;
};

export async function startReplay(
  { aws }: Operator,
  { archiveArn, busArn, ruleArns }: ReplaySource,
  { name, from, to, reason }: EventReplay,
): Promise<string> {
  const replay = await new EventBridgeClient(aws).send(
    new StartReplayCommand({
      ReplayName: name,
      Description: reason,
      EventSourceArn: archiveArn,
      EventStartTime: new Date(from),
      EventEndTime: new Date(to),
      Destination: { Arn: busArn, FilterArns: [...ruleArns] },
    }),
  );
  return replay.ReplayArn!;
}

/**
 * Returns when the replay has ended, in whatever state.
 * @throws Failure on Ctrl-C; the replay continues
 */
export async function waitForReplay(
  { aws, sleep, progress, signal }: Operator,
  ReplayName: string,
): Promise<DescribeReplayCommandOutput> {
  const events = new EventBridgeClient(aws);
  for (;;) {
    const replay = await events.send(new DescribeReplayCommand({ ReplayName }));
    if (replay.State !== 'STARTING' && replay.State !== 'RUNNING') return replay;
    if (signal?.aborted) throw new Failure(`EventBridge continues the replay ${ReplayName}; cancel it there.`);
    progress(`${replay.State}, events until ${replay.EventLastReplayedTime?.toISOString() ?? 'none yet'}`);
    await sleep(POLL_MS);
  }
}
