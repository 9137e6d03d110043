import type * as sdk from '@aws-sdk/client-eventbridge';
import { compilePattern } from '../../event-patterns/pattern.ts';
import { AwsError } from '../../kernel/kernel.ts';
import { authorizeArchiveKey } from './encryption.ts';
import { eventBridgeNeeds, eventBridgePage } from './requests.ts';
import {
  type EventArchive,
  type EventBridgeAt,
  type EventBridgeOperations,
  type EventBridgeState,
  eventBridgeArn,
  existingBus,
} from './state.ts';

const DAY_MS = 86_400_000;

export const archiveOperations: EventBridgeOperations = {
  CreateArchive: {
    needs: eventBridgeNeeds('CreateArchive', 'archive', (input) => input.ArchiveName),
    run: (input, at) => {
      const archive = createArchive(input, at);
      return { ArchiveArn: archive.arn, State: 'ENABLED', CreationTime: new Date(archive.createdAt) };
    },
  },
  DescribeArchive: {
    needs: eventBridgeNeeds('DescribeArchive', 'archive', (input) => input.ArchiveName),
    run: (input, at) => describeArchive(existingArchive(at.state, input.ArchiveName), at.kernel.clock.now()),
  },
  ListArchives: {
    run: (input, at) => {
      const archives = [...at.state.archives.values()].filter(
        (archive) =>
          archive.name.startsWith(input.NamePrefix ?? '') &&
          (input.EventSourceArn ?? archive.source) === archive.source,
      );
      const page = eventBridgePage(archives, input);
      return {
        Archives: page.items.map((archive) => describeArchive(archive, at.kernel.clock.now())),
        NextToken: page.nextToken,
      };
    },
  },
  DeleteArchive: {
    needs: eventBridgeNeeds('DeleteArchive', 'archive', (input) => input.ArchiveName),
    run: (input, at) => {
      at.state.archives.delete(existingArchive(at.state, input.ArchiveName).name);
      return {};
    },
  },
};

function createArchive(input: sdk.CreateArchiveRequest, at: EventBridgeAt): EventArchive {
  const name = input.ArchiveName ?? '';
  if (!/^[\w.-]{1,48}$/.test(name)) throw new AwsError('ValidationException', `Archive name ${name} is not valid.`);
  if (at.state.archives.has(name))
    throw new AwsError('ResourceAlreadyExistsException', `Archive ${name} already exists.`);
  if (input.EventPattern) compilePattern(input.EventPattern);
  const archive: EventArchive = {
    name,
    arn: eventBridgeArn(at, `archive/${name}`),
    source: existingBus(at.state, input.EventSourceArn).arn,
    createdAt: at.kernel.clock.now(),
    description: input.Description,
    kmsKey: input.KmsKeyIdentifier,
    pattern: input.EventPattern,
    retentionDays: input.RetentionDays ?? 0,
    events: [],
  };
  authorizeArchiveKey(at.kernel, at, archive);
  at.state.archives.set(name, archive);
  return archive;
}

export function existingArchive(state: EventBridgeState, name: string | undefined): EventArchive {
  const archive = state.archives.get(name ?? '');
  if (!archive) throw new AwsError('ResourceNotFoundException', `Archive ${name} does not exist.`);
  return archive;
}

export const retainedEvents = ({ events, retentionDays }: EventArchive, now: number): EventArchive['events'] =>
  retentionDays === 0 ? events : events.filter(({ at }) => now - at <= retentionDays * DAY_MS);

function describeArchive(archive: EventArchive, now: number): sdk.DescribeArchiveResponse {
  const events = retainedEvents(archive, now);
  return {
    ArchiveArn: archive.arn,
    ArchiveName: archive.name,
    EventSourceArn: archive.source,
    Description: archive.description,
    KmsKeyIdentifier: archive.kmsKey,
    EventPattern: archive.pattern,
    State: 'ENABLED',
    RetentionDays: archive.retentionDays,
    EventCount: events.length,
    SizeBytes: events.reduce((sum, { event }) => sum + Buffer.byteLength(JSON.stringify(event)), 0),
    CreationTime: new Date(archive.createdAt),
  };
}
