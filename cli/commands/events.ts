/** `suture events replay`: archived events of findings go through the rules again. */
import {
  DescribeArchiveCommand,
  DescribeReplayCommand,
  EventBridgeClient,
  ListRulesCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { isNamed } from '../../functions/contract/errors.ts';
import { FINDING_ARCHIVE } from '../../stacks/names.ts';
import { beginRun } from '../clients/audit.ts';
import { type Operator, type OperatorEnvironment, operatorIn } from '../clients/operator.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { checkedReason } from '../options/reason.ts';
import { timeOf } from '../options/selection.ts';
import { confirmed } from '../output/confirm.ts';

export type EventsReplayOptions = OperatorEnvironment & {
  readonly from: string;
  readonly to?: string;
  readonly reason: string;
  readonly yes?: boolean;
  readonly json?: boolean;
};

/** Milliseconds between two looks at a replay. */
const LOOK = 5_000;
/** Rules that start executions, by the beginnings of their names. */
const RULES = ['suture-findings-', 'suture-action-'];

/** `failed` when EventBridge did not bring the replay to its end. */
export async function eventsReplayCommand(options: EventsReplayOptions): Promise<{ text: string; failed: boolean }> {
  const { json, yes } = options;
  const reason = checkedReason(options.reason);
  const operator = await operatorIn(options);
  const from = timeOf(options.from, operator.now(), '--from');
  const to =
    options.to === undefined ? new Date(operator.now()).toISOString() : timeOf(options.to, operator.now(), '--to');
  if (from >= to) throw new UsageError(`--from (${from}) must be before --to (${to}).`);
  const events = new EventBridgeClient(operator.aws);
  const archive = await archiveIn(events, operator);
  const rules = await rulesIn(events);
  if (
    !(await confirmed(`Send the events of findings from ${from} to ${to} through ${rules.length} rules again?`, {
      yes,
    }))
  )
    throw new Failure('Nothing was replayed.');
  const run = await beginRun(operator, {
    action: 'events replay',
    reason,
    selection: { from: options.from, to: options.to },
  });
  const ReplayName = `suture-${run.id}`;
  if (!run.done.has(ReplayName))
    await run.did(ReplayName, async () => {
      const sent = await events.send(
        new StartReplayCommand({
          ReplayName,
          Description: reason,
          EventSourceArn: archive.ArchiveArn,
          EventStartTime: new Date(from),
          EventEndTime: new Date(to),
          Destination: { Arn: archive.EventSourceArn, FilterArns: rules },
        }),
      );
      return sent.ReplayArn!;
    });
  const replay = await ended(events, ReplayName, operator);
  const failed = replay.State !== 'COMPLETED';
  await run.end({ completed: failed ? 0 : 1 });
  const { State: state, StateReason: because, EventLastReplayedTime: last } = replay;
  const report = { run: run.id, replay: ReplayName, from, to, state, because, last: last?.toISOString() };
  if (json) return { text: JSON.stringify(report, null, 2), failed };
  const text = failed
    ? `The replay ${ReplayName} ended as ${state}: ${because ?? 'EventBridge gives no reason'}. Run the same command again.`
    : `Replayed from ${from} to ${to}, run ${run.id}. What came of it: npm run -s suture -- list --since 10m`;
  return { text, failed };
}

async function archiveIn(events: EventBridgeClient, { region }: Operator) {
  try {
    return await events.send(new DescribeArchiveCommand({ ArchiveName: FINDING_ARCHIVE }));
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    throw new Failure(
      `There is no archive ${FINDING_ARCHIVE} in ${region}. Use credentials of the security account and its home Region, where SutureSecurity is deployed.`,
    );
  }
}

async function rulesIn(events: EventBridgeClient): Promise<string[]> {
  const found: string[] = [];
  for (const NamePrefix of RULES) {
    let NextToken: string | undefined;
    do {
      const page = await events.send(new ListRulesCommand({ NamePrefix, NextToken }));
      found.push(...(page.Rules ?? []).map(({ Arn }) => Arn!));
      NextToken = page.NextToken;
    } while (NextToken);
  }
  return found;
}

async function ended(events: EventBridgeClient, ReplayName: string, { sleep, progress, signal }: Operator) {
  for (;;) {
    const replay = await events.send(new DescribeReplayCommand({ ReplayName }));
    if (replay.State !== 'STARTING' && replay.State !== 'RUNNING') return replay;
    if (signal?.aborted) throw new Failure(`EventBridge goes on with the replay ${ReplayName}; cancel it there.`);
    progress(`${replay.State}, events until ${replay.EventLastReplayedTime?.toISOString() ?? 'none yet'}`);
    await sleep(LOOK);
  }
}
