import {
  DescribeArchiveCommand,
  type EventBridgeClient,
  ListRulesCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import type { Names } from '../domain/names.ts';

export type ReplaySource = {
  readonly archiveArn: string;
  readonly busArn: string;
  /** Undefined if the archive keeps events for ever. */
  readonly retentionDays?: number;
  readonly ruleArns: readonly string[];
};

/**
 * Returns the archive with the rules that start executions: those of findings, and those of Security Hub's custom
 * action.
 * @throws ResourceNotFoundException if the archive does not exist
 */
export async function findReplaySource(
  events: EventBridgeClient,
  { findingArchive, findingRules }: Pick<Names, 'findingArchive' | 'findingRules'>,
): Promise<ReplaySource> {
  const archive = await events.send(new DescribeArchiveCommand({ ArchiveName: findingArchive }));
  return {
    archiveArn: archive.ArchiveArn!,
    busArn: archive.EventSourceArn!,
    ...(archive.RetentionDays ? { retentionDays: archive.RetentionDays } : {}),
    ruleArns: await listRules(events, findingRules),
  };
}

async function listRules(events: EventBridgeClient, names: readonly string[]): Promise<string[]> {
  const arns: string[] = [];
  for (const name of names) {
    const NamePrefix = `${name}-`;
    let NextToken: string | undefined;
    do {
      const page = await events.send(new ListRulesCommand({ NamePrefix, NextToken }));
      arns.push(...(page.Rules ?? []).map(({ Arn }) => Arn!));
      NextToken = page.NextToken;
    } while (NextToken);
  }
  return arns;
}

/** Sends the archived events to these rules alone. Returns the replay's ARN. */
export async function startEventReplay(
  events: EventBridgeClient,
  { archiveArn, busArn, ruleArns }: ReplaySource,
  {
    name,
    from,
    to,
    reason,
  }: { readonly name: string; readonly from: string; readonly to: string; readonly reason: string },
): Promise<string> {
  const replay = await events.send(
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
