import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type At, AwsError, defineService, type Service } from '../../../sandbox/kernel/kernel.ts';
import { deliveries, unmatchedEvents } from '../../../sandbox/services/eventbridge/delivery-log.ts';
import { eventbridge } from '../../../sandbox/services/eventbridge/index.ts';
import { emitServiceEvent } from '../../../sandbox/services/eventbridge/publish.ts';
import { EVENTBRIDGE } from '../../../sandbox/services/eventbridge/state.ts';
import { scheduler } from '../../../sandbox/services/scheduler/index.ts';
import { SCHEDULER } from '../../../sandbox/services/scheduler/state.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import {
  errorWith,
  receivedFrom,
  TEST_ACCOUNT,
  TEST_PLACE,
  TEST_ROOT,
  type TestKernel,
  testKernel,
  testQueueArn,
} from '../support/messaging-kernel.ts';

vi.mock('../../../sandbox/services/kms/needs.ts', () => ({
  keyNeeds: (_: unknown, __: unknown, key: string | undefined, actions: readonly string[]) =>
    key === undefined ? [] : actions.map((action) => ({ action, resource: key })),
}));

type TargetCall = { operation: string; input: any; as: string };
const TARGET_CALLS: TargetCall[] = [];
let answer: () => unknown = () => ({});
const recordingService = (name: string, prefix: string, operation: string): Service =>
  defineService<any, object>({
    name,
    sdk: {},
    client: class {},
    prefix,
    scope: 'region',
    state: () => ({}),
    operations: {
      [operation]: {
        run: (input: object, at: At<object>) => {
          const as =
            at.principal.kind === 'session'
              ? at.principal.role
              : at.principal.kind === 'service'
                ? at.principal.source
                : at.principal.arn;
          TARGET_CALLS.push({ operation, input, as: as ?? '' });
          return answer();
        },
      },
    } as object,
  });

let kernel: TestKernel;
const ROLE = `arn:aws:iam::${TEST_ACCOUNT}:role/start`;
const MACHINE = `arn:aws:states:eu-west-1:${TEST_ACCOUNT}:stateMachine:fix`;
const LAMBDA = `arn:aws:lambda:eu-west-1:${TEST_ACCOUNT}:function:fix`;
const busArn = (name: string) => `arn:aws:events:eu-west-1:${TEST_ACCOUNT}:event-bus/${name}`;
const ruleArn = (name: string) => `arn:aws:events:eu-west-1:${TEST_ACCOUNT}:rule/${name}`;

beforeEach(async () => {
  TARGET_CALLS.length = 0;
  answer = () => ({});
  kernel = testKernel([
    eventbridge,
    sqs,
    recordingService('sfn', 'states', 'StartExecution'),
    recordingService('lambda', 'lambda', 'Invoke'),
    recordingService('sns', 'sns', 'Publish'),
  ]);
});

const events = (operation: string, input: object = {}, where = TEST_PLACE) =>
  kernel.do('eventbridge', operation, input, where);
async function rule(
  Name: string,
  target: object,
  more: object = { EventPattern: JSON.stringify({ source: ['app'] }) },
) {
  await events('PutRule', { Name, ...more });
  await events('PutTargets', { Rule: Name, Targets: [{ Id: 't', ...target }] });
}
async function put(entry: object = {}): Promise<string> {
  const answer = await events('PutEvents', {
    Entries: [{ Source: 'app', DetailType: 'Done', Detail: '{"n":1}', ...entry }],
  });
  await kernel.settle();
  return answer.Entries[0].EventId;
}
const queue = (QueueName: string) => kernel.do('sqs', 'CreateQueue', { QueueName });
const messages = (queue: string) => receivedFrom(kernel, queue);
const payloads = () => TARGET_CALLS.map(({ input }) => JSON.parse(new TextDecoder().decode(input.Payload)));

describe('an event that matches a rule', () => {
  it('starts an execution with the role of the target, named after event and target', async () => {
    answer = () => ({ executionArn: 'arn:execution' });
    await rule('fix', { Arn: MACHINE, RoleArn: ROLE });
    const id = await put();
    expect(TARGET_CALLS).toMatchObject([
      { operation: 'StartExecution', as: ROLE, input: { stateMachineArn: MACHINE } },
    ]);
    const [{ input }] = TARGET_CALLS as [TargetCall];
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
    expect(deliveries(kernel)).toEqual([
      { eventId: id, rule: ruleArn('fix'), target: MACHINE, outcome: 'delivered', result: 'arn:execution' },
    ]);
  });

  it('invokes a function as EventBridge on behalf of the rule', async () => {
    await rule('fix', { Arn: LAMBDA });
    await put();
    expect(TARGET_CALLS).toMatchObject([
      { as: ruleArn('fix'), input: { FunctionName: LAMBDA, InvocationType: 'Event' } },
    ]);
    expect(payloads()).toMatchObject([{ source: 'app' }]);
  });

  it('is sent to a queue, whose policy decides with the rule as source', async () => {
    await queue('jobs');
    await rule('fix', { Arn: testQueueArn('jobs') });
    await put();
    expect(await messages('jobs')).toHaveLength(1);
    expect(kernel.needs.find((need) => need.action === 'sqs:SendMessage')?.principal).toEqual({
      kind: 'service',
      service: 'events.amazonaws.com',
      account: TEST_ACCOUNT,
      source: ruleArn('fix'),
    });
  });

  it('is delivered to every target of every matching rule, and to no other', async () => {
    await rule('a', { Arn: LAMBDA });
    await rule('b', { Arn: LAMBDA });
    await rule('c', { Arn: LAMBDA }, { EventPattern: JSON.stringify({ source: ['other'] }) });
    await put();
    expect(deliveries(kernel).map((delivery) => delivery.rule)).toEqual([ruleArn('a'), ruleArn('b')]);
  });

  it('is recorded as unmatched while the rule is disabled', async () => {
    await rule('fix', { Arn: LAMBDA });
    await events('DisableRule', { Name: 'fix' });
    const id = await put();
    expect(TARGET_CALLS).toEqual([]);
    expect(unmatchedEvents(kernel)).toEqual([{ eventId: id, bus: 'default', source: 'app', detailType: 'Done' }]);
    await events('EnableRule', { Name: 'fix' });
    await put();
    expect(TARGET_CALLS).toHaveLength(1);
  });

  it('reaches the bus of another account, with its original account', async () => {
    const other = { ...TEST_PLACE, account: '444455556666' };
    const target = `arn:aws:events:eu-west-1:${other.account}:event-bus/default`;
    await events('PutPermission', { StatementId: 'a', Action: 'events:PutEvents', Principal: TEST_ACCOUNT }, other);
    await rule('forward', { Arn: target, RoleArn: ROLE });
    await events('PutRule', { Name: 'take', EventPattern: JSON.stringify({ account: [TEST_ACCOUNT] }) }, other);
    await events('PutTargets', { Rule: 'take', Targets: [{ Id: 't', Arn: LAMBDA }] }, other);
    await put();
    expect(payloads()).toMatchObject([{ account: TEST_ACCOUNT, source: 'app' }]);
    expect(kernel.needs.find((need) => need.action === 'events:PutEvents' && need.resource === target)).toMatchObject({
      principal: { role: ROLE },
      resourcePolicy: { Statement: [{ Sid: 'a', Principal: { AWS: `arn:aws:iam::${TEST_ACCOUNT}:root` } }] },
    });
  });
});

describe('a service event', () => {
  it('is put on the default bus of its account, with a source that customers cannot use', async () => {
    await rule('fix', { Arn: LAMBDA }, { EventPattern: JSON.stringify({ source: ['aws.securityhub'] }) });
    const id = emitServiceEvent(kernel, TEST_PLACE, {
      source: 'aws.securityhub',
      'detail-type': 'Imported',
      resources: ['r'],
      detail: { a: 1 },
    });
    await kernel.settle();
    expect(payloads()).toEqual([
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
    const answer = await events('PutEvents', {
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
    await expect(events('PutEvents', { Entries: [entry, entry] })).rejects.toEqual(
      errorWith('ValidationException', 'over the limit'),
    );
    await expect(events('PutEvents', { Entries: Array(11).fill({ ...entry, Detail: '{}' }) })).rejects.toEqual(
      errorWith('ValidationException'),
    );
    await expect(events('PutEvents', { Entries: [entry] })).resolves.toMatchObject({ FailedEntryCount: 0 });
  });
});

describe('the input of a target', () => {
  const detail = { Detail: JSON.stringify({ name: 'a "b"', list: [1, 2], deep: { x: true } }) };
  const cases: [name: string, target: object, expected: unknown][] = [
    ['a constant', { Input: '{"fixed":1}' }, { fixed: 1 }],
    ['a part of the event', { InputPath: '$.detail.deep' }, { x: true }],
    ['an element of a list', { InputPath: '$.detail.list[1]' }, 2],
    [
      'a template with values as JSON',
      {
        InputTransformer: {
          InputPathsMap: { l: '$.detail.list', n: '$.detail.name' },
          InputTemplate: '{"list":<l>,"name":<n>}',
        },
      },
      { list: [1, 2], name: 'a "b"' },
    ],
    [
      'a template with values inside text',
      {
        InputTransformer: {
          InputPathsMap: { n: '$.detail.name', s: '$.source' },
          InputTemplate: '{"text":"<s>: <n>"}',
        },
      },
      { text: 'app: a "b"' },
    ],
    [
      'a text with an object and a list without their quotes',
      {
        InputTransformer: {
          InputPathsMap: { d: '$.detail.deep', l: '$.detail.list', s: '$.source' },
          InputTemplate: '"<s>: <d> and <l>"',
        },
      },
      'app: {x:true} and [1,2]',
    ],
    [
      'a template with an empty text for a missing value',
      { InputTransformer: { InputPathsMap: { m: '$.detail.missing' }, InputTemplate: '{"text":"<m>."}' } },
      { text: '.' },
    ],
    [
      'a template with the rule',
      { InputTransformer: { InputTemplate: '{"rule":<aws.events.rule-name>,"arn":"<aws.events.rule-arn>"}' } },
      { rule: 'fix', arn: ruleArn('fix') },
    ],
    [
      'a template with the whole event',
      { InputTransformer: { InputTemplate: '{"event":<aws.events.event.json>}' } },
      { event: expect.objectContaining({ source: 'app', detail: expect.anything() }) },
    ],
  ];
  it.each(cases)('is %s', async (_, target, expected) => {
    await rule('fix', { Arn: LAMBDA, ...target });
    await put(detail);
    expect(payloads()).toEqual([expected]);
  });
});

describe('a failing target', () => {
  const throttled = () => {
    throw new AwsError('TooManyRequestsException', 'Rate exceeded', 429);
  };
  const withDeadLetters = { DeadLetterConfig: { Arn: testQueueArn('dead') } };
  beforeEach(() => queue('dead'));

  it('is retried until it accepts the event', async () => {
    answer = throttled;
    await rule('fix', { Arn: LAMBDA, ...withDeadLetters });
    await put();
    expect(deliveries(kernel).map((delivery) => delivery.outcome)).toEqual(['retrying']);
    answer = () => ({});
    await kernel.clock.advance(1000);
    await kernel.settle();
    expect(deliveries(kernel).map((delivery) => delivery.outcome)).toEqual(['retrying', 'delivered']);
    expect(await messages('dead')).toEqual([]);
  });

  const advance = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await kernel.clock.advance(1000);
      await kernel.settle();
    }
  };
  it.each([
    ['attempts', { MaximumRetryAttempts: 3 }, 'MaximumRetryAttempts', '3'],
    ['age', { MaximumEventAgeInSeconds: 60 }, 'MaximumEventAgeInSeconds', '6'],
  ])(
    'is retried up to its maximum %s, then the event goes to the dead-letter queue',
    async (_, RetryPolicy, condition, attempts) => {
      answer = throttled;
      await rule('fix', { Arn: LAMBDA, Input: '{}', RetryPolicy, ...withDeadLetters });
      const id = await put();
      await advance(120);
      const [message] = await messages('dead');
      expect(JSON.parse(message.Body)).toMatchObject({ id, source: 'app' });
      const attributes = Object.entries(message.MessageAttributes).map(([name, value]: any) => [
        name,
        value.StringValue,
      ]);
      expect(Object.fromEntries(attributes)).toEqual({
        RULE_ARN: ruleArn('fix'),
        TARGET_ARN: LAMBDA,
        ERROR_CODE: 'THROTTLING',
        ERROR_MESSAGE: 'Rate exceeded',
        EXHAUSTED_RETRY_CONDITION: condition,
        RETRY_ATTEMPTS: attempts,
      });
      expect(deliveries(kernel).at(-1)?.outcome).toBe('dead-lettered');
    },
  );

  it('is not retried after a missing permission', async () => {
    await queue('jobs');
    kernel.denies = (need) => need.resource === testQueueArn('jobs');
    await rule('fix', { Arn: testQueueArn('jobs'), ...withDeadLetters });
    await put();
    const [message] = await messages('dead');
    expect(message.MessageAttributes.ERROR_CODE.StringValue).toBe('NO_PERMISSIONS');
    expect(message.MessageAttributes.RETRY_ATTEMPTS).toBeUndefined();
  });

  it('is not retried after a failure to assume its role', async () => {
    kernel.denies = (need) => need.action === 'sts:AssumeRole';
    await rule('fix', { Arn: MACHINE, RoleArn: ROLE, ...withDeadLetters });
    await put();
    expect((await messages('dead'))[0].MessageAttributes.ERROR_CODE.StringValue).toBe('FAILED_TO_ASSUME_ROLE');
  });

  it('loses the event if the dead-letter queue denies access', async () => {
    kernel.denies = (need) => need.action === 'sqs:SendMessage';
    await queue('jobs');
    await rule('fix', { Arn: testQueueArn('jobs'), ...withDeadLetters });
    const eventId = await put();
    expect(deliveries(kernel)).toMatchObject([
      {
        eventId,
        outcome: 'dropped',
        error: {
          code: 'NO_PERMISSIONS',
          message: expect.stringMatching(/jobs; its dead-letter queue did not take it: .*dead$/),
        },
      },
    ]);
  });

  it('fails PutEvents as NotModelled if the sandbox does not model it', async () => {
    await rule('fix', { Arn: `arn:aws:logs:eu-west-1:${TEST_ACCOUNT}:log-group:/a` });
    await expect(put()).rejects.toEqual(errorWith('NotModelled', 'logs'));
  });
});

describe('a schedule', () => {
  it('triggers its rule at each time, until it is disabled', async () => {
    await rule('tick', { Arn: LAMBDA }, { ScheduleExpression: 'rate(5 minutes)' });
    await kernel.clock.advance(11 * 60_000);
    expect(payloads()).toMatchObject([
      {
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        time: '2026-11-01T12:05:00Z',
        resources: [ruleArn('tick')],
        detail: {},
      },
      { time: '2026-11-01T12:10:00Z' },
    ]);
    await events('DisableRule', { Name: 'tick' });
    await kernel.clock.advance(60 * 60_000);
    expect(TARGET_CALLS).toHaveLength(2);
  });
});

describe('an archive', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 1, 12, minute));
  const replay = (more: object = {}) =>
    events('StartReplay', {
      ReplayName: 'again',
      EventSourceArn: `arn:aws:events:eu-west-1:${TEST_ACCOUNT}:archive/all`,
      EventStartTime: at(0),
      EventEndTime: at(30),
      Destination: { Arn: busArn('default') },
      ...more,
    });
  beforeEach(async () => {
    await events('CreateArchive', {
      ArchiveName: 'all',
      EventSourceArn: busArn('default'),
      EventPattern: JSON.stringify({ source: ['app'] }),
    });
  });

  it('replays the events of a time span, marked as replayed, to the named rules only', async () => {
    const id = await put();
    await put({ Source: 'other' });
    await kernel.clock.advance(60 * 60_000);
    await put();
    await rule('a', { Arn: LAMBDA });
    await rule('b', { Arn: LAMBDA });
    await replay({ Destination: { Arn: busArn('default'), FilterArns: [ruleArn('b')] } });
    await kernel.settle();
    expect(payloads()).toMatchObject([{ id, 'replay-name': 'again' }]);
    expect(deliveries(kernel).map((delivery) => delivery.rule)).toEqual([ruleArn('b')]);
    expect(await events('DescribeReplay', { ReplayName: 'again' })).toMatchObject({
      State: 'COMPLETED',
      EventLastReplayedTime: at(0),
    });
    expect(await events('DescribeArchive', { ArchiveName: 'all' })).toMatchObject({ EventCount: 2 });
  });

  it('of a customer key has the events for which EventBridge may use the key, and replays them with it', async () => {
    const KmsKeyIdentifier = `arn:aws:kms:eu-west-1:${TEST_ACCOUNT}:key/1`;
    const input = { ArchiveName: 'secret', EventSourceArn: busArn('default'), KmsKeyIdentifier };
    kernel.denies = ({ action }) => action === 'kms:DescribeKey';
    await expect(events('CreateArchive', input)).rejects.toEqual(errorWith('AccessDenied'));
    kernel.denies = () => false;
    await events('CreateArchive', input);
    await put();
    kernel.denies = ({ action }) => action === 'kms:GenerateDataKey';
    await put();
    kernel.denies = ({ action }) => action === 'kms:Decrypt';
    expect(await events('DescribeArchive', { ArchiveName: 'secret' })).toMatchObject({
      EventCount: 1,
      KmsKeyIdentifier,
    });
    await replay({ EventSourceArn: `arn:aws:events:eu-west-1:${TEST_ACCOUNT}:archive/secret` });
    await kernel.settle();
    expect(await events('DescribeReplay', { ReplayName: 'again' })).toMatchObject({ State: 'FAILED' });
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
  await events('PutRule', { Name: 'a', EventPattern: '{"source":["app"]}', Tags: [{ Key: 'team', Value: 'shop' }] });
  const tagsOf = async (ResourceARN: string) => (await events('ListTagsForResource', { ResourceARN })).Tags;
  expect(await tagsOf(ruleArn('a'))).toEqual([{ Key: 'team', Value: 'shop' }]);
  await events('TagResource', { ResourceARN: ruleArn('a'), Tags: [{ Key: 'stage', Value: 'test' }] });
  await events('UntagResource', { ResourceARN: ruleArn('a'), TagKeys: ['team'] });
  expect(await tagsOf(ruleArn('a'))).toEqual([{ Key: 'stage', Value: 'test' }]);
  await events('CreateEventBus', { Name: 'shop', Tags: [{ Key: 'team', Value: 'shop' }] });
  expect(await tagsOf(busArn('shop'))).toEqual([{ Key: 'team', Value: 'shop' }]);
  await expect(tagsOf(ruleArn('b'))).rejects.toEqual(errorWith('ResourceNotFoundException'));
  const reserved = { ResourceARN: ruleArn('a'), Tags: [{ Key: 'aws:a', Value: 'b' }] };
  await expect(events('TagResource', reserved)).rejects.toEqual(errorWith('ValidationException'));
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
      { Rule: 'fix', Targets: [{ Id: 'a', Arn: MACHINE }] },
      'ValidationException',
    ],
    [
      'a placeholder without a path',
      'PutTargets',
      { Rule: 'fix', Targets: [{ Id: 'a', Arn: LAMBDA, InputTransformer: { InputTemplate: '"<name>"' } }] },
      'ValidationException',
    ],
    [
      'a sixth target',
      'PutTargets',
      { Rule: 'fix', Targets: [1, 2, 3, 4, 5].map((id) => ({ Id: `${id}`, Arn: LAMBDA })) },
      'LimitExceededException',
    ],
    ['the deletion of a rule with targets', 'DeleteRule', { Name: 'fix' }, 'ValidationException'],
  ])('fail for %s', async (_, operation, input, code) => {
    await rule('fix', { Arn: LAMBDA });
    await expect(events(operation, input)).rejects.toEqual(errorWith(code));
  });

  it('fail for a target whose role the caller is not allowed to pass', async () => {
    kernel.denies = (need) => need.action === 'iam:PassRole';
    await expect(rule('fix', { Arn: MACHINE, RoleArn: ROLE })).rejects.toEqual(
      errorWith('AccessDenied', `iam:PassRole on resource: ${ROLE}`),
    );
  });
});

describe('templates', () => {
  const base = () => ({ ...TEST_PLACE, kernel, principal: TEST_ROOT, requestId: 'r' });
  const name = { logicalId: 'Thing', stack: 'app' };
  const create = async (type: string, properties: object) =>
    eventbridge.resources![type]!.create(properties, { ...base(), state: kernel.state(EVENTBRIDGE, TEST_PLACE) }, name);
  const createSchedule = async (properties: object) =>
    scheduler.resources!['AWS::Scheduler::Schedule']!.create(
      properties,
      { ...base(), state: kernel.state(SCHEDULER, TEST_PLACE) },
      name,
    );

  it('create a rule with its targets', async () => {
    const created = await create('AWS::Events::Rule', {
      EventPattern: { source: ['app'] },
      State: 'ENABLED',
      Targets: [{ Id: 'Target0', Arn: LAMBDA, RetryPolicy: { MaximumRetryAttempts: 5 } }],
    });
    expect(created.ref).toMatch(/^app-Thing-[0-9A-F]{12}$/);
    expect(created.attributes).toEqual({ Arn: ruleArn(created.ref) });
    await put();
    expect(TARGET_CALLS).toHaveLength(1);
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
      Target: { RoleArn: ROLE, ...Target },
    });
    await createSchedule(schedule({ Arn: LAMBDA, Input: '{"a":1}' }));
    await createSchedule(
      schedule({
        Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution',
        Input: JSON.stringify({ StateMachineArn: MACHINE }),
      }),
    );
    await kernel.clock.advance(60 * 60_000);
    expect(TARGET_CALLS).toMatchObject([
      { operation: 'Invoke', as: ROLE, input: { FunctionName: LAMBDA } },
      { operation: 'StartExecution', as: ROLE, input: { stateMachineArn: MACHINE } },
    ]);
  });

  it('reject an unknown property by its name', async () => {
    await expect(create('AWS::Events::Rule', { Colour: 'red' })).rejects.toEqual(
      errorWith('ValidationError', 'Thing (AWS::Events::Rule): Properties: Unrecognized key: "Colour"'),
    );
  });
});
