import { beforeEach, describe, expect, it, vi } from 'vitest';
import { deliveries, unmatchedEvents } from '../../../sandbox/services/eventbridge/delivery-log.ts';
import { eventbridge } from '../../../sandbox/services/eventbridge/index.ts';
import { emitServiceEvent } from '../../../sandbox/services/eventbridge/publish.ts';
import { EVENTBRIDGE } from '../../../sandbox/services/eventbridge/state.ts';
import { scheduler } from '../../../sandbox/services/scheduler/index.ts';
import { SCHEDULER } from '../../../sandbox/services/scheduler/state.ts';
import {
  EventBridgeSandbox,
  START_ROLE,
  TARGET_FUNCTION,
  TARGET_MACHINE,
  type TargetCall,
} from '../support/eventbridge-sandbox.ts';
import { errorWith, TEST_ACCOUNT, TEST_PLACE, TEST_ROOT, testQueueArn } from '../support/messaging-kernel.ts';

vi.mock('../../../sandbox/services/kms/needs.ts', () => ({
  keyNeeds: (_: unknown, __: unknown, key: string | undefined, actions: readonly string[]) =>
    key === undefined ? [] : actions.map((action) => ({ action, resource: key })),
}));

const busArn = (name: string) => `arn:aws:events:eu-west-1:${TEST_ACCOUNT}:event-bus/${name}`;
const ruleArn = (name: string) => `arn:aws:events:eu-west-1:${TEST_ACCOUNT}:rule/${name}`;
let bridge: EventBridgeSandbox;
beforeEach(() => {
  bridge = new EventBridgeSandbox();
});

describe('an event that matches a rule', () => {
  it('starts an execution with the role of the target, named after event and target', async () => {
    bridge.answer = () => ({ executionArn: 'arn:execution' });
    await bridge.rule('fix', { Arn: TARGET_MACHINE, RoleArn: START_ROLE });
    const id = await bridge.put();
    expect(bridge.calls).toMatchObject([
      { operation: 'StartExecution', as: START_ROLE, input: { stateMachineArn: TARGET_MACHINE } },
    ]);
    const [{ input }] = bridge.calls as [TargetCall];
    expect(input.name).toMatch(new RegExp(`^${id}_[0-9a-f-]{36}$`));
    expect(input.name).toHaveLength(73);
    expect(JSON.parse(input.input)).toEqual({
      version: '0',
      id,
      'detail-type': 'Done',
      source: 'app',
      account: TEST_ACCOUNT,
      time: '2026-11-01T12:00:00Z',
      region: 'eu-west-1',
      resources: [],
      detail: { n: 1 },
    });
    expect(deliveries(bridge.kernel)).toEqual([
      { eventId: id, rule: ruleArn('fix'), target: TARGET_MACHINE, outcome: 'delivered', result: 'arn:execution' },
    ]);
  });

  it('invokes a function as EventBridge on behalf of the rule', async () => {
    await bridge.rule('fix', { Arn: TARGET_FUNCTION });
    await bridge.put();
    expect(bridge.calls).toMatchObject([
      { as: ruleArn('fix'), input: { FunctionName: TARGET_FUNCTION, InvocationType: 'Event' } },
    ]);
    expect(bridge.payloads()).toMatchObject([{ source: 'app' }]);
  });

  it('is sent to a queue, whose policy decides with the rule as source', async () => {
    await bridge.queue('jobs');
    await bridge.rule('fix', { Arn: testQueueArn('jobs') });
    await bridge.put();
    expect(await bridge.messages('jobs')).toHaveLength(1);
    expect(bridge.kernel.needs.find((need) => need.action === 'sqs:SendMessage')?.principal).toEqual({
      kind: 'service',
      service: 'events.amazonaws.com',
      account: TEST_ACCOUNT,
      source: ruleArn('fix'),
    });
  });

  it('is delivered to every target of every matching rule, and to no other', async () => {
    await bridge.rule('a', { Arn: TARGET_FUNCTION });
    await bridge.rule('b', { Arn: TARGET_FUNCTION });
    await bridge.rule('c', { Arn: TARGET_FUNCTION }, { EventPattern: JSON.stringify({ source: ['other'] }) });
    await bridge.put();
    expect(deliveries(bridge.kernel).map((delivery) => delivery.rule)).toEqual([ruleArn('a'), ruleArn('b')]);
  });

  it('is recorded as unmatched while the rule is disabled', async () => {
    await bridge.rule('fix', { Arn: TARGET_FUNCTION });
    await bridge.call('DisableRule', { Name: 'fix' });
    const id = await bridge.put();
    expect(bridge.calls).toEqual([]);
    expect(unmatchedEvents(bridge.kernel)).toEqual([
      { eventId: id, bus: 'default', source: 'app', detailType: 'Done' },
    ]);
    await bridge.call('EnableRule', { Name: 'fix' });
    await bridge.put();
    expect(bridge.calls).toHaveLength(1);
  });

  it('reaches the bus of another account, with its original account', async () => {
    const other = { ...TEST_PLACE, account: '444455556666' };
    const target = `arn:aws:events:eu-west-1:${other.account}:event-bus/default`;
    await bridge.call(
      'PutPermission',
      { StatementId: 'a', Action: 'events:PutEvents', Principal: TEST_ACCOUNT },
      other,
    );
    await bridge.rule('forward', { Arn: target, RoleArn: START_ROLE });
    await bridge.call('PutRule', { Name: 'take', EventPattern: JSON.stringify({ account: [TEST_ACCOUNT] }) }, other);
    await bridge.call('PutTargets', { Rule: 'take', Targets: [{ Id: 't', Arn: TARGET_FUNCTION }] }, other);
    await bridge.put();
    expect(bridge.payloads()).toMatchObject([{ account: TEST_ACCOUNT, source: 'app' }]);
    expect(
      bridge.kernel.needs.find((need) => need.action === 'events:PutEvents' && need.resource === target),
    ).toMatchObject({
      principal: { role: START_ROLE },
      resourcePolicy: { Statement: [{ Sid: 'a', Principal: { AWS: `arn:aws:iam::${TEST_ACCOUNT}:root` } }] },
    });
  });
});

describe('a service event', () => {
  it('is put on the default bus of its account, with a source that customers cannot use', async () => {
    await bridge.rule(
      'fix',
      { Arn: TARGET_FUNCTION },
      { EventPattern: JSON.stringify({ source: ['aws.securityhub'] }) },
    );
    const id = emitServiceEvent(bridge.kernel, TEST_PLACE, {
      source: 'aws.securityhub',
      'detail-type': 'Imported',
      resources: ['r'],
      detail: { a: 1 },
    });
    await bridge.kernel.settle();
    expect(bridge.payloads()).toEqual([
      {
        version: '0',
        id,
        'detail-type': 'Imported',
        source: 'aws.securityhub',
        account: TEST_ACCOUNT,
        region: 'eu-west-1',
        time: '2026-11-01T12:00:00Z',
        resources: ['r'],
        detail: { a: 1 },
      },
    ]);
  });
});

describe('PutEvents', () => {
  it('publishes the valid entries and returns errors for the others', async () => {
    const valid = { Source: 'app', DetailType: 'Done', Detail: '{}' };
    const answer = await bridge.call('PutEvents', {
      Entries: [
        valid,
        { ...valid, Source: 'aws.ec2' },
        { ...valid, Detail: '{' },
        { ...valid, Detail: '[]' },
        { ...valid, DetailType: undefined },
      ],
    });
    expect(answer.FailedEntryCount).toBe(4);
    expect(answer.Entries.map((entry: any) => entry.ErrorCode)).toEqual([
      undefined,
      'NotAuthorizedForSourceException',
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
    ]);
  });

  it('rejects more than 1 MiB, and more than ten entries', async () => {
    const entry = { Source: 'app', DetailType: 'Done', Detail: JSON.stringify({ a: 'x'.repeat(600_000) }) };
    await expect(bridge.call('PutEvents', { Entries: [entry, entry] })).rejects.toEqual(
      errorWith('ValidationException', 'over the limit'),
    );
    await expect(bridge.call('PutEvents', { Entries: Array(11).fill({ ...entry, Detail: '{}' }) })).rejects.toEqual(
      errorWith('ValidationException'),
    );
    await expect(bridge.call('PutEvents', { Entries: [entry] })).resolves.toMatchObject({ FailedEntryCount: 0 });
  });
});

describe('a schedule', () => {
  it('triggers its rule at each time, until it is disabled', async () => {
    await bridge.rule('tick', { Arn: TARGET_FUNCTION }, { ScheduleExpression: 'rate(5 minutes)' });
    await bridge.kernel.clock.advance(11 * 60_000);
    expect(bridge.payloads()).toMatchObject([
      {
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        time: '2026-11-01T12:05:00Z',
        resources: [ruleArn('tick')],
        detail: {},
      },
      { time: '2026-11-01T12:10:00Z' },
    ]);
    await bridge.call('DisableRule', { Name: 'tick' });
    await bridge.kernel.clock.advance(60 * 60_000);
    expect(bridge.calls).toHaveLength(2);
  });
});

describe('an archive', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 1, 12, minute));
  const replay = (more: object = {}) =>
    bridge.call('StartReplay', {
      ReplayName: 'again',
      EventSourceArn: `arn:aws:events:eu-west-1:${TEST_ACCOUNT}:archive/all`,
      EventStartTime: at(0),
      EventEndTime: at(30),
      Destination: { Arn: busArn('default') },
      ...more,
    });
  beforeEach(async () => {
    await bridge.call('CreateArchive', {
      ArchiveName: 'all',
      EventSourceArn: busArn('default'),
      EventPattern: JSON.stringify({ source: ['app'] }),
    });
  });

  it('replays the events of a time span, marked as replayed, to the named rules only', async () => {
    const id = await bridge.put();
    await bridge.put({ Source: 'other' });
    await bridge.kernel.clock.advance(60 * 60_000);
    await bridge.put();
    await bridge.rule('a', { Arn: TARGET_FUNCTION });
    await bridge.rule('b', { Arn: TARGET_FUNCTION });
    await replay({ Destination: { Arn: busArn('default'), FilterArns: [ruleArn('b')] } });
    await bridge.kernel.settle();
    expect(bridge.payloads()).toMatchObject([{ id, 'replay-name': 'again' }]);
    expect(deliveries(bridge.kernel).map((delivery) => delivery.rule)).toEqual([ruleArn('b')]);
    expect(await bridge.call('DescribeReplay', { ReplayName: 'again' })).toMatchObject({
      State: 'COMPLETED',
      EventLastReplayedTime: at(0),
    });
    expect(await bridge.call('DescribeArchive', { ArchiveName: 'all' })).toMatchObject({ EventCount: 2 });
  });

  it('of a customer key has the events for which EventBridge may use the key, and replays them with it', async () => {
    const KmsKeyIdentifier = `arn:aws:kms:eu-west-1:${TEST_ACCOUNT}:key/1`;
    const input = { ArchiveName: 'secret', EventSourceArn: busArn('default'), KmsKeyIdentifier };
    bridge.kernel.denies = ({ action }) => action === 'kms:DescribeKey';
    await expect(bridge.call('CreateArchive', input)).rejects.toEqual(errorWith('AccessDenied'));
    bridge.kernel.denies = () => false;
    await bridge.call('CreateArchive', input);
    await bridge.put();
    bridge.kernel.denies = ({ action }) => action === 'kms:GenerateDataKey';
    await bridge.put();
    bridge.kernel.denies = ({ action }) => action === 'kms:Decrypt';
    expect(await bridge.call('DescribeArchive', { ArchiveName: 'secret' })).toMatchObject({
      EventCount: 1,
      KmsKeyIdentifier,
    });
    await replay({ EventSourceArn: `arn:aws:events:eu-west-1:${TEST_ACCOUNT}:archive/secret` });
    await bridge.kernel.settle();
    expect(await bridge.call('DescribeReplay', { ReplayName: 'again' })).toMatchObject({ State: 'FAILED' });
  });

  it.each([
    ['twice with one name', {}, 'ResourceAlreadyExistsException'],
    ['to another bus', { ReplayName: 'x', Destination: { Arn: busArn('other') } }, 'ValidationException'],
    ['of a time span that ends before it starts', { ReplayName: 'x', EventStartTime: at(31) }, 'ValidationException'],
    [
      'of an archive that does not exist',
      { ReplayName: 'x', EventSourceArn: `arn:aws:events:eu-west-1:${TEST_ACCOUNT}:archive/none` },
      'ResourceNotFoundException',
    ],
  ])('cannot be replayed %s', async (_, more, code) => {
    await replay();
    await expect(replay(more)).rejects.toEqual(errorWith(code));
  });
});

it('rules and buses keep the tags of their creation, and can be tagged and untagged', async () => {
  await bridge.call('PutRule', {
    Name: 'a',
    EventPattern: '{"source":["app"]}',
    Tags: [{ Key: 'team', Value: 'shop' }],
  });
  const tagsOf = async (ResourceARN: string) => (await bridge.call('ListTagsForResource', { ResourceARN })).Tags;
  expect(await tagsOf(ruleArn('a'))).toEqual([{ Key: 'team', Value: 'shop' }]);
  await bridge.call('TagResource', { ResourceARN: ruleArn('a'), Tags: [{ Key: 'stage', Value: 'test' }] });
  await bridge.call('UntagResource', { ResourceARN: ruleArn('a'), TagKeys: ['team'] });
  expect(await tagsOf(ruleArn('a'))).toEqual([{ Key: 'stage', Value: 'test' }]);
  await bridge.call('CreateEventBus', { Name: 'shop', Tags: [{ Key: 'team', Value: 'shop' }] });
  expect(await tagsOf(busArn('shop'))).toEqual([{ Key: 'team', Value: 'shop' }]);
  await expect(tagsOf(ruleArn('b'))).rejects.toEqual(errorWith('ResourceNotFoundException'));
  const reserved = { ResourceARN: ruleArn('a'), Tags: [{ Key: 'aws:a', Value: 'b' }] };
  await expect(bridge.call('TagResource', reserved)).rejects.toEqual(errorWith('ValidationException'));
});

describe('requests', () => {
  it.each([
    ['an invalid pattern', 'PutRule', { Name: 'a', EventPattern: '{"source":"app"}' }, 'InvalidEventPatternException'],
    ['a rule without pattern and schedule', 'PutRule', { Name: 'a' }, 'ValidationException'],
    [
      'a rule on a bus that does not exist',
      'PutRule',
      { Name: 'a', EventBusName: 'x', EventPattern: '{"source":["a"]}' },
      'ResourceNotFoundException',
    ],
    ['targets of a rule that does not exist', 'PutTargets', { Rule: 'a', Targets: [] }, 'ResourceNotFoundException'],
    [
      'a target of an unknown kind',
      'PutTargets',
      { Rule: 'fix', Targets: [{ Id: 'a', Arn: 'arn:aws:kinesis:eu-west-1:1:stream/a' }] },
      'NotModelled',
    ],
    [
      'a state machine without role',
      'PutTargets',
      { Rule: 'fix', Targets: [{ Id: 'a', Arn: TARGET_MACHINE }] },
      'ValidationException',
    ],
    [
      'a placeholder without a path',
      'PutTargets',
      { Rule: 'fix', Targets: [{ Id: 'a', Arn: TARGET_FUNCTION, InputTransformer: { InputTemplate: '"<name>"' } }] },
      'ValidationException',
    ],
    [
      'a sixth target',
      'PutTargets',
      { Rule: 'fix', Targets: [1, 2, 3, 4, 5].map((id) => ({ Id: `${id}`, Arn: TARGET_FUNCTION })) },
      'LimitExceededException',
    ],
    ['the deletion of a rule with targets', 'DeleteRule', { Name: 'fix' }, 'ValidationException'],
  ])('fail for %s', async (_, operation, input, code) => {
    await bridge.rule('fix', { Arn: TARGET_FUNCTION });
    await expect(bridge.call(operation, input)).rejects.toEqual(errorWith(code));
  });

  it('fail for a target whose role the caller is not allowed to pass', async () => {
    bridge.kernel.denies = (need) => need.action === 'iam:PassRole';
    await expect(bridge.rule('fix', { Arn: TARGET_MACHINE, RoleArn: START_ROLE })).rejects.toEqual(
      errorWith('AccessDenied', `iam:PassRole on resource: ${START_ROLE}`),
    );
  });
});

describe('templates', () => {
  const base = () => ({ ...TEST_PLACE, kernel: bridge.kernel, principal: TEST_ROOT, requestId: 'r' });
  const name = { logicalId: 'Thing', stack: 'app' };
  const create = async (type: string, properties: object) =>
    eventbridge.resources![type]!.create(
      properties,
      { ...base(), state: bridge.kernel.state(EVENTBRIDGE, TEST_PLACE) },
      name,
    );
  const createSchedule = async (properties: object) =>
    scheduler.resources!['AWS::Scheduler::Schedule']!.create(
      properties,
      { ...base(), state: bridge.kernel.state(SCHEDULER, TEST_PLACE) },
      name,
    );

  it('create a rule with its targets', async () => {
    const created = await create('AWS::Events::Rule', {
      EventPattern: { source: ['app'] },
      State: 'ENABLED',
      Targets: [{ Id: 'Target0', Arn: TARGET_FUNCTION, RetryPolicy: { MaximumRetryAttempts: 5 } }],
    });
    expect(created.ref).toMatch(/^app-Thing-[0-9A-F]{12}$/);
    expect(created.attributes).toEqual({ Arn: ruleArn(created.ref) });
    await bridge.put();
    expect(bridge.calls).toHaveLength(1);
  });

  it('reference a rule of another bus with the name of the bus', async () => {
    await create('AWS::Events::EventBus', { Name: 'own' });
    const created = await create('AWS::Events::Rule', {
      Name: 'r',
      EventBusName: 'own',
      EventPattern: { source: ['app'] },
    });
    expect(created).toEqual({
      ref: 'own|r',
      attributes: { Arn: `arn:aws:events:eu-west-1:${TEST_ACCOUNT}:rule/own/r` },
    });
  });

  it('create schedules that call a function or any other operation, with their role', async () => {
    const schedule = (Target: object) => ({
      ScheduleExpression: 'cron(0 13 * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { RoleArn: START_ROLE, ...Target },
    });
    await createSchedule(schedule({ Arn: TARGET_FUNCTION, Input: '{"a":1}' }));
    await createSchedule(
      schedule({
        Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution',
        Input: JSON.stringify({ StateMachineArn: TARGET_MACHINE }),
      }),
    );
    await bridge.kernel.clock.advance(60 * 60_000);
    expect(bridge.calls).toMatchObject([
      { operation: 'Invoke', as: START_ROLE, input: { FunctionName: TARGET_FUNCTION } },
      { operation: 'StartExecution', as: START_ROLE, input: { stateMachineArn: TARGET_MACHINE } },
    ]);
  });

  it('reject an unknown property by its name', async () => {
    await expect(create('AWS::Events::Rule', { Colour: 'red' })).rejects.toEqual(
      errorWith('ValidationError', 'Thing (AWS::Events::Rule): Properties: Unrecognized key: "Colour"'),
    );
  });
});
