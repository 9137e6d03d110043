import type {
  CreateArchiveRequest,
  DescribeArchiveResponse,
  DescribeReplayResponse,
  StartReplayRequest,
} from '@aws-sdk/client-eventbridge';
import { compilePattern } from '../../event-patterns/pattern.ts';
import { type At, AwsError } from '../../kernel/kernel.ts';
import { publish } from './bus.ts';
import { type Archive, arnOf, busIn, type EventBridgeState, type Replay } from './state.ts';

const dayMs = 86_400_000;

export function createArchive(input: CreateArchiveRequest, at: At<EventBridgeState>): Archive {
  const name = input.ArchiveName ?? '';
  if (!/^[\w.-]{1,48}$/.test(name)) throw new AwsError('ValidationException', `Archive name ${name} is not valid.`);
  if (at.state.archives.has(name))
    throw new AwsError('ResourceAlreadyExistsException', `Archive ${name} already exists.`);
  if (input.EventPattern) compilePattern(input.EventPattern);
  const archive: Archive = {
    name,
    arn: arnOf(at, `archive/${name}`),
    source: busIn(at.state, input.EventSourceArn).arn,
    createdAt: at.kernel.clock.now(),
    description: input.Description,
    pattern: input.EventPattern,
    retentionDays: input.RetentionDays ?? 0,
    events: [],
  };
  at.state.archives.set(name, archive);
  return archive;
}

export function archiveIn(state: EventBridgeState, name: string | undefined): Archive {
  const archive = state.archives.get(name ?? '');
  if (!archive) throw new AwsError('ResourceNotFoundException', `Archive ${name} does not exist.`);
  return archive;
}

export const describedArchive = (archive: Archive, now: number): DescribeArchiveResponse => {
  const kept = keptEvents(archive, now);
  return {
    ArchiveArn: archive.arn,
    ArchiveName: archive.name,
    EventSourceArn: archive.source,
    Description: archive.description,
    EventPattern: archive.pattern,
    State: 'ENABLED',
    RetentionDays: archive.retentionDays,
    EventCount: kept.length,
    SizeBytes: kept.reduce((sum, { event }) => sum + Buffer.byteLength(JSON.stringify(event)), 0),
    CreationTime: new Date(archive.createdAt),
  };
};

/** Sends the archived events of a time span again, in their order, to the bus they came from. */
export function startReplay(input: StartReplayRequest, at: At<EventBridgeState>): Replay {
  const { kernel, state } = at;
  const name = input.ReplayName ?? '';
  if (state.replays.has(name)) throw new AwsError('ResourceAlreadyExistsException', `Replay ${name} already exists.`);
  const archive = archiveIn(state, input.EventSourceArn?.split(':archive/')[1]);
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
  const replay: Replay = {
    name,
    arn: arnOf(at, `replay/${name}`),
    source: archive.arn,
    description: input.Description,
    destination: { Arn: archive.source, FilterArns: input.Destination.FilterArns },
    from,
    to,
    startedAt: kernel.clock.now(),
    state: 'STARTING',
  };
  state.replays.set(name, replay);
  kernel.background(`replay ${name}`, async () => run(at, archive, replay));
  return replay;
}

function run(at: At<EventBridgeState>, archive: Archive, replay: Replay): void {
  const bus = busIn(at.state, archive.source);
  replay.state = 'RUNNING';
  const only = replay.destination.FilterArns?.length ? replay.destination.FilterArns : undefined;
  for (const { at: ingested, event } of keptEvents(archive, at.kernel.clock.now())) {
    if (ingested < replay.from || ingested > replay.to) continue;
    publish(at.kernel, at, bus.name, { ...event, 'replay-name': replay.name }, only);
    replay.lastReplayed = ingested;
  }
  replay.state = 'COMPLETED';
  replay.endedAt = at.kernel.clock.now();
}

export function replayIn(state: EventBridgeState, name: string | undefined): Replay {
  const replay = state.replays.get(name ?? '');
  if (!replay) throw new AwsError('ResourceNotFoundException', `Replay ${name} does not exist.`);
  return replay;
}

export const describedReplay = (replay: Replay): DescribeReplayResponse => ({
  ReplayName: replay.name,
  ReplayArn: replay.arn,
  Description: replay.description,
  State: replay.state,
  EventSourceArn: replay.source,
  Destination: replay.destination,
  EventStartTime: new Date(replay.from),
  EventEndTime: new Date(replay.to),
  EventLastReplayedTime: dateOf(replay.lastReplayed),
  ReplayStartTime: new Date(replay.startedAt),
  ReplayEndTime: dateOf(replay.endedAt),
});

const keptEvents = (archive: Archive, now: number) =>
  archive.retentionDays === 0
    ? archive.events
    : archive.events.filter(({ at }) => now - at <= archive.retentionDays * dayMs);

const dateOf = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));
