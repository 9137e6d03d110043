/**
 * Amazon EventBridge: buses, rules, targets, schedules, archives and replays.
 * Sources: EventBridge API reference and user guide.
 */
import * as sdk from '@aws-sdk/client-eventbridge';
import { compilePattern } from '../../event-patterns/pattern.ts';
import { type At, AwsError, defineService, type Need } from '../../kernel/kernel.ts';
import { pageOf } from '../requests.ts';
import { archiveIn, createArchive, describedArchive, describedReplay, replayIn, startReplay } from './archives.ts';
import { validateKey } from './encryption.ts';
import { putPermission, removePermission } from './permissions.ts';
import { putEvents, putEventsNeeds } from './put-events.ts';
import { eventbridgeResources } from './resources.ts';
import { deleteRule, described, listed, passRole, putRule, putTargets, setState } from './rules.ts';
import {
  arnOf,
  type Bus,
  busIn,
  busNameOf,
  type EventBridgeState,
  newBus,
  newState,
  ruleArn,
  ruleIn,
} from './state.ts';

export { emitServiceEvent, publish } from './bus.ts';
export type { BusEvent } from './event.ts';
export { type Delivery, deliveries, type Unmatched, unmatchedEvents } from './log.ts';

type State = EventBridgeState;
type OfRule = { EventBusName?: string | undefined; Name?: string | undefined; Rule?: string | undefined };

const onRule = (action: string) => ({
  needs: (input: OfRule, at: At<State>): Need[] => [ruleNeed(action, input, at)],
});
const on = (action: string, kind: string, nameOf: (input: any) => string | undefined) => ({
  needs: (input: object, at: At<State>): Need[] => [
    { action: `events:${action}`, resource: arnOf(at, `${kind}/${nameOf(input) ?? '*'}`) },
  ],
});
const ruleNeed = (action: string, input: OfRule, at: At<State>): Need => ({
  action: `events:${action}`,
  resource: ruleArn(at, busNameOf(input.EventBusName), input.Name ?? input.Rule ?? '*'),
});

const onBus = (action: string, nameOf: (input: any) => string | undefined) =>
  on(action, 'event-bus', (input) => busNameOf(nameOf(input)));

export const eventbridge = defineService<typeof sdk, State>({
  name: 'eventbridge',
  sdk,
  client: sdk.EventBridgeClient,
  prefix: 'events',
  scope: 'region',
  state: newState,
  operations: {
    PutEvents: { needs: putEventsNeeds, run: putEvents },
    TestEventPattern: {
      run: (input) => ({ Result: compilePattern(input.EventPattern ?? '')(parseEvent(input.Event)) }),
    },

    PutRule: {
      needs: (input, at) => [ruleNeed('PutRule', input, at), ...passRole(input.RoleArn)],
      run: putRule,
    },
    DescribeRule: {
      ...onRule('DescribeRule'),
      run: (input, at) => described(ruleIn(at.state, input.EventBusName, input.Name), at.account),
    },
    DeleteRule: { ...onRule('DeleteRule'), run: (input, at) => done(deleteRule(at, input.EventBusName, input.Name)) },
    EnableRule: {
      ...onRule('EnableRule'),
      run: (input, at) => done(setState(at, input.EventBusName, input.Name, 'ENABLED')),
    },
    DisableRule: {
      ...onRule('DisableRule'),
      run: (input, at) => done(setState(at, input.EventBusName, input.Name, 'DISABLED')),
    },
    ListRules: {
      run: (input, at) => {
        const rules = [...busIn(at.state, input.EventBusName).rules.values()].filter((rule) =>
          rule.name.startsWith(input.NamePrefix ?? ''),
        );
        const page = paged(rules, input);
        return { Rules: page.items.map(listed), NextToken: page.nextToken };
      },
    },

    PutTargets: {
      needs: (input, at) => [
        ruleNeed('PutTargets', input, at),
        ...(input.Targets ?? []).flatMap((target) => passRole(target.RoleArn)),
      ],
      run: putTargets,
    },
    RemoveTargets: {
      ...onRule('RemoveTargets'),
      run: (input, at) => {
        const rule = ruleIn(at.state, input.EventBusName, input.Rule);
        for (const id of input.Ids ?? []) rule.targets.delete(id);
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    },
    ListTargetsByRule: {
      ...onRule('ListTargetsByRule'),
      run: (input, at) => {
        const page = paged([...ruleIn(at.state, input.EventBusName, input.Rule).targets.values()], input);
        return { Targets: page.items, NextToken: page.nextToken };
      },
    },
    ListRuleNamesByTarget: {
      run: (input, at) => {
        const rules = [...busIn(at.state, input.EventBusName).rules.values()];
        const names = rules.filter((rule) =>
          [...rule.targets.values()].some((target) => target.Arn === input.TargetArn),
        );
        const page = paged(names, input);
        return { RuleNames: page.items.map((rule) => rule.name), NextToken: page.nextToken };
      },
    },

    CreateEventBus: {
      ...onBus('CreateEventBus', (input) => input.Name),
      run: (input, at) => ({ EventBusArn: createBus(input, at).arn }),
    },
    DescribeEventBus: {
      ...onBus('DescribeEventBus', (input) => input.Name),
      run: (input, at) => describedBus(busIn(at.state, input.Name)),
    },
    ListEventBuses: {
      run: (input, at) => {
        const buses = [...at.state.buses.values()].filter((bus) => bus.name.startsWith(input.NamePrefix ?? ''));
        const page = paged(buses, input);
        return { EventBuses: page.items.map(describedBus), NextToken: page.nextToken };
      },
    },
    DeleteEventBus: {
      ...onBus('DeleteEventBus', (input) => input.Name),
      run: (input, at) => {
        if (input.Name === 'default') throw new AwsError('ValidationException', 'Cannot delete event bus default.');
        if (at.state.buses.get(input.Name ?? '')?.rules.size)
          throw new AwsError('ValidationException', `Event bus ${input.Name} cannot be deleted: it has rules.`);
        at.state.buses.delete(input.Name ?? '');
        return {};
      },
    },
    PutPermission: {
      ...onBus('PutPermission', (input) => input.EventBusName),
      run: (input, at) => done(putPermission(input, busIn(at.state, input.EventBusName))),
    },
    RemovePermission: {
      ...onBus('RemovePermission', (input) => input.EventBusName),
      run: (input, at) => done(removePermission(input, busIn(at.state, input.EventBusName))),
    },

    CreateArchive: {
      ...on('CreateArchive', 'archive', (input) => input.ArchiveName),
      run: (input, at) => {
        const archive = createArchive(input, at);
        return { ArchiveArn: archive.arn, State: 'ENABLED', CreationTime: new Date(archive.createdAt) };
      },
    },
    DescribeArchive: {
      ...on('DescribeArchive', 'archive', (input) => input.ArchiveName),
      run: (input, at) => describedArchive(archiveIn(at.state, input.ArchiveName), at.kernel.clock.now()),
    },
    ListArchives: {
      run: (input, at) => {
        const archives = [...at.state.archives.values()].filter(
          (archive) =>
            archive.name.startsWith(input.NamePrefix ?? '') &&
            (input.EventSourceArn ?? archive.source) === archive.source,
        );
        const page = paged(archives, input);
        return {
          Archives: page.items.map((archive) => describedArchive(archive, at.kernel.clock.now())),
          NextToken: page.nextToken,
        };
      },
    },
    DeleteArchive: {
      ...on('DeleteArchive', 'archive', (input) => input.ArchiveName),
      run: (input, at) => {
        at.state.archives.delete(archiveIn(at.state, input.ArchiveName).name);
        return {};
      },
    },
    StartReplay: {
      ...on('StartReplay', 'replay', (input) => input.ReplayName),
      run: (input, at) => {
        const replay = startReplay(input, at);
        return { ReplayArn: replay.arn, State: 'STARTING', ReplayStartTime: new Date(replay.startedAt) };
      },
    },
    DescribeReplay: {
      ...on('DescribeReplay', 'replay', (input) => input.ReplayName),
      run: (input, at) => describedReplay(replayIn(at.state, input.ReplayName)),
    },
    ListReplays: {
      run: (input, at) => {
        const replays = [...at.state.replays.values()].filter(
          (replay) => replay.name.startsWith(input.NamePrefix ?? '') && (input.State ?? replay.state) === replay.state,
        );
        const page = paged(replays, input);
        return { Replays: page.items.map(describedReplay), NextToken: page.nextToken };
      },
    },
  },
  resources: eventbridgeResources,
});

function createBus(input: sdk.CreateEventBusRequest, at: At<State>): Bus {
  const name = input.Name ?? '';
  if (!/^[\w./-]{1,256}$/.test(name)) throw new AwsError('ValidationException', `Event bus name ${name} is not valid.`);
  if (at.state.buses.has(name))
    throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
  const bus: Bus = {
    ...newBus(at, name, at.kernel.clock.now()),
    description: input.Description,
    kmsKey: input.KmsKeyIdentifier,
    deadLetterArn: input.DeadLetterConfig?.Arn,
  };
  validateKey(at.kernel, at, bus);
  at.state.buses.set(name, bus);
  return bus;
}

const describedBus = (bus: Bus): sdk.DescribeEventBusResponse => ({
  Name: bus.name,
  Arn: bus.arn,
  Description: bus.description,
  KmsKeyIdentifier: bus.kmsKey,
  ...(bus.deadLetterArn && { DeadLetterConfig: { Arn: bus.deadLetterArn } }),
  Policy: bus.policy,
  CreationTime: new Date(bus.createdAt),
});

const paged = <T>(items: readonly T[], input: { NextToken?: string | undefined; Limit?: number | undefined }) =>
  pageOf(
    items,
    input.NextToken,
    input.Limit ?? 100,
    () => new AwsError('ValidationException', 'NextToken is not valid.'),
  );

/** The empty answer of an operation that only changes something. */
const done = (_: unknown): Record<string, never> => ({});

function parseEvent(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    throw new AwsError('ValidationException', 'Parameter Event is not valid.');
  }
}
