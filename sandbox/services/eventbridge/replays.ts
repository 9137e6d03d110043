/** A replay sends archived events again, in order, to the bus that they came from. */
import type * as sdk from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../kernel/kernel.ts';
import { existingArchive, retainedEvents } from './archives.ts';
import { mayUseArchiveKey } from './encryption.ts';
import { publishEvent } from './publish.ts';
import { eventBridgeNeeds, eventBridgePage } from './requests.ts';
import {
  type ArchiveReplay,
  type EventArchive,
  type EventBridgeAt,
  type EventBridgeOperations,
  type EventBridgeState,
  eventBridgeArn,
  existingBus,
} from './state.ts';

export const replayOperations: EventBridgeOperations = {
  StartReplay: {
    needs: eventBridgeNeeds('StartReplay', 'replay', (input) => input.ReplayName),
    run: (input, at) => {
      const replay = startReplay(input, at);
      return { ReplayArn: replay.arn, State: 'STARTING', ReplayStartTime: new Date(replay.startedAt) };
    },
  },
  DescribeReplay: {
    needs: eventBridgeNeeds('DescribeReplay', 'replay', (input) => input.ReplayName),
    run: (input, at) => describeReplay(existingReplay(at.state, input.ReplayName)),
  },
  ListReplays: {
    run: (input, at) => {
      const replays = [...at.state.replays.values()].filter(
        (replay) => replay.name.startsWith(input.NamePrefix ?? '') && (input.State ?? replay.state) === replay.state,
      );
      const page = eventBridgePage(replays, input);
      return { Replays: page.items.map(describeReplay), NextToken: page.nextToken };
    },
  },
};

function startReplay(input: sdk.StartReplayRequest, at: EventBridgeAt): ArchiveReplay {
  const { kernel, state } = at;
  const name = input.ReplayName ?? '';
  if (state.replays.has(name)) throw new AwsError('ResourceAlreadyExistsException', `Replay ${name} already exists.`);
  const archive = existingArchive(state, input.EventSourceArn?.split(':archive/')[1]);
  if (input.Destination?.Arn !== archive.source)
    throw new AwsError(
      'ValidationException',
      'Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.',
    );
  const from = input.EventStartTime?.getTime() ?? Number.NaN;
  const to = input.EventEndTime?.getTime() ?? Number.NaN;
  if (!(from < to))
    throw new AwsError(
      'ValidationException',
      'Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.',
    );
  const replay: ArchiveReplay = {
    name,
    arn: eventBridgeArn(at, `replay/${name}`),
    source: archive.arn,
    description: input.Description,
    destination: { Arn: archive.source, FilterArns: input.Destination.FilterArns },
    from,
    to,
    startedAt: kernel.clock.now(),
    state: 'STARTING',
  };
  state.replays.set(name, replay);
  kernel.background(`replay ${name}`, async () => runReplay(at, archive, replay));
  return replay;
}

function runReplay(at: EventBridgeAt, archive: EventArchive, replay: ArchiveReplay): void {
  const bus = existingBus(at.state, archive.source);
  if (!mayUseArchiveKey(at.kernel, at, archive, 'kms:Decrypt')) {
    replay.state = 'FAILED';
    replay.endedAt = at.kernel.clock.now();
    return;
  }
  replay.state = 'RUNNING';
  const onlyRules = replay.destination.FilterArns?.length ? replay.destination.FilterArns : undefined;
  for (const { at: ingestedAt, event } of retainedEvents(archive, at.kernel.clock.now())) {
    if (ingestedAt < replay.from || ingestedAt > replay.to) continue;
    publishEvent(at.kernel, at, bus.name, { ...event, 'replay-name': replay.name }, onlyRules);
    replay.lastReplayedAt = ingestedAt;
  }
  replay.state = 'COMPLETED';
  replay.endedAt = at.kernel.clock.now();
}

function existingReplay(state: EventBridgeState, name: string | undefined): ArchiveReplay {
  const replay = state.replays.get(name ?? '');
  if (!replay) throw new AwsError('ResourceNotFoundException', `Replay ${name} does not exist.`);
  return replay;
}

const describeReplay = (replay: ArchiveReplay): sdk.DescribeReplayResponse => ({
  ReplayName: replay.name,
  ReplayArn: replay.arn,
  Description: replay.description,
  State: replay.state,
  EventSourceArn: replay.source,
  Destination: replay.destination,
  EventStartTime: new Date(replay.from),
  EventEndTime: new Date(replay.to),
  EventLastReplayedTime: dateOf(replay.lastReplayedAt),
  ReplayStartTime: new Date(replay.startedAt),
  ReplayEndTime: dateOf(replay.endedAt),
});

const dateOf = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));
