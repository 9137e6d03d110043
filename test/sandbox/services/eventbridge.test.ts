import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type At, AwsError, defineService, type Service } from '../../../sandbox/kernel/kernel.ts';
import {
  deliveries,
  emitServiceEvent,
  eventbridge,
  unmatchedEvents,
} from '../../../sandbox/services/eventbridge/index.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import { account, admin, place, type TestKernel, testKernel } from '../event-patterns/kernel.ts';

vi.mock('../../../sandbox/services/kms/index.ts', () => ({ keyNeeds: () => [] }));

/** Takes calls and answers as told; stands for a service that a rule delivers to. */
type Taken = { operation: string; input: any; as: string };
const taken: Taken[] = [];
let answer: () => unknown = () => ({});
const taker = (name: string, prefix: string, operation: string): Service =>
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
          taken.push({ operation, input, as: as ?? '' });
          return answer();
        },
      },
    } as object,
  });

let kernel: TestKernel;
const role = `arn:aws:iam::${account}:role/start`;
const machine = `arn:aws:states:eu-west-1:${account}:stateMachine:fix`;
const lambda = `arn:aws:lambda:eu-west-1:${account}:function:fix`;
const queueArn = (name: string) => `arn:aws:sqs:eu-west-1:${account}:${name}`;
const busArn = (name: string) => `arn:aws:events:eu-west-1:${account}:event-bus/${name}`;
const ruleArn = (name: string) => `arn:aws:events:eu-west-1:${account}:rule/${name}`;
const refused = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

beforeEach(async () => {
  taken.length = 0;
  answer = () => ({});
  kernel = testKernel([
    eventbridge,
    sqs,
    taker('sfn', 'states', 'StartExecution'),
    taker('lambda', 'lambda', 'Invoke'),
    taker('sns', 'sns', 'Publish'),
  ]);
});

const events = (operation: string, input: object = {}, where = place) =>
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
async function messages(name: string): Promise<any[]> {
  const input = { QueueUrl: `http://x/${account}/${name}`, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
  return (await kernel.do('sqs', 'ReceiveMessage', input)).Messages ?? [];
}
const payloads = () => taken.map(({ input }) => JSON.parse(new TextDecoder().decode(input.Payload)));

describe('an event that matches a rule', () => {
  test('starts an execution under the role of the target, named after event and target', async () => {
    answer = () => ({ executionArn: 'arn:execution' });
    await rule('fix', { Arn: machine, RoleArn: role });
    const id = await put();
    expect(taken).toMatchObject([{ operation: 'StartExecution', as: role, input: { stateMachineArn: machine } }]);
    const [{ input }] = taken as [Taken];
    expect(input.name).toMatch(new RegExp(`^${id}_[0-9a-f-]{36}$`));
    expect(input.name).toHaveLength(73);
    expect(JSON.parse(input.input)).toEqual({
      version: '0',
      id,
      'detail-type': 'Done',
      source: 'app',
      account,
      time: '2026-11-01T12:00:00Z',
      region: 'eu-west-1',
      resources: [],
      detail: { n: 1 },
    });
    expect(deliveries(kernel)).toEqual([
      { eventId: id, rule: ruleArn('fix'), target: machine, outcome: 'delivered', result: 'arn:execution' },
    ]);
  });

  test('invokes a function as EventBridge on behalf of the rule', async () => {
    await rule('fix', { Arn: lambda });
    await put();
    expect(taken).toMatchObject([{ as: ruleArn('fix'), input: { FunctionName: lambda, InvocationType: 'Event' } }]);
    expect(payloads()).toMatchObject([{ source: 'app' }]);
  });

  test('goes to a queue, asked of the queue with the rule as source', async () => {
    await queue('jobs');
    await rule('fix', { Arn: queueArn('jobs') });
    await put();
    expect(await messages('jobs')).toHaveLength(1);
    expect(kernel.needs.find((need) => need.action === 'sqs:SendMessage')?.principal).toEqual({
      kind: 'service',
      service: 'events.amazonaws.com',
      account,
      source: ruleArn('fix'),
    });
  });

  test('goes to every target of every rule that matches, and to no other', async () => {
    await rule('a', { Arn: lambda });
    await rule('b', { Arn: lambda });
    await rule('c', { Arn: lambda }, { EventPattern: JSON.stringify({ source: ['other'] }) });
    await put();
    expect(deliveries(kernel).map((one) => one.rule)).toEqual([ruleArn('a'), ruleArn('b')]);
  });

  test('goes nowhere while the rule is disabled, and is on record as unmatched', async () => {
    await rule('fix', { Arn: lambda });
    await events('DisableRule', { Name: 'fix' });
    const id = await put();
    expect(taken).toEqual([]);
    expect(unmatchedEvents(kernel)).toEqual([{ eventId: id, bus: 'default', source: 'app', detailType: 'Done' }]);
    await events('EnableRule', { Name: 'fix' });
    await put();
    expect(taken).toHaveLength(1);
  });

  test('reaches another account over its bus, with the account it came from', async () => {
    const other = { ...place, account: '444455556666' };
    const target = `arn:aws:events:eu-west-1:${other.account}:event-bus/default`;
    await events('PutPermission', { StatementId: 'a', Action: 'events:PutEvents', Principal: account }, other);
    await rule('forward', { Arn: target, RoleArn: role });
    await events('PutRule', { Name: 'take', EventPattern: JSON.stringify({ account: [account] }) }, other);
    await events('PutTargets', { Rule: 'take', Targets: [{ Id: 't', Arn: lambda }] }, other);
    await put();
    expect(payloads()).toMatchObject([{ account, source: 'app' }]);
    expect(kernel.needs.find((need) => need.action === 'events:PutEvents' && need.resource === target)).toMatchObject({
      principal: { role },
      resourcePolicy: { Statement: [{ Sid: 'a', Principal: { AWS: `arn:aws:iam::${account}:root` } }] },
    });
  });
});

describe('a service event', () => {
  test('is put on the default bus of its account, under a source customers cannot use', async () => {
    await rule('fix', { Arn: lambda }, { EventPattern: JSON.stringify({ source: ['aws.securityhub'] }) });
    const id = emitServiceEvent(kernel, place, {
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
        account,
        region: 'eu-west-1',
        time: '2026-11-01T12:00:00Z',
        resources: ['r'],
        detail: { a: 1 },
      },
    ]);
  });
});

describe('PutEvents', () => {
  test('takes the good entries and says what is wrong with the others', async () => {
    const good = { Source: 'app', DetailType: 'Done', Detail: '{}' };
    const answer = await events('PutEvents', {
      Entries: [
        good,
        { ...good, Source: 'aws.ec2' },
        { ...good, Detail: '{' },
        { ...good, Detail: '[]' },
        { ...good, DetailType: undefined },
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

  test('refuses entries of more than 1 MiB together, and more than ten', async () => {
    const entry = { Source: 'app', DetailType: 'Done', Detail: JSON.stringify({ a: 'x'.repeat(600_000) }) };
    await expect(events('PutEvents', { Entries: [entry, entry] })).rejects.toEqual(
      refused('ValidationException', 'over the limit'),
    );
    await expect(events('PutEvents', { Entries: Array(11).fill({ ...entry, Detail: '{}' }) })).rejects.toEqual(
      refused('ValidationException'),
    );
    await expect(events('PutEvents', { Entries: [entry] })).resolves.toMatchObject({ FailedEntryCount: 0 });
  });
});

describe('what a target gets', () => {
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
      'a template without what the event lacks',
      { InputTransformer: { InputPathsMap: { m: '$.detail.missing' }, InputTemplate: '{"text":"<m>."}' } },
      { text: '.' },
    ],
    [
      'the rule in a template',
      { InputTransformer: { InputTemplate: '{"rule":<aws.events.rule-name>,"arn":"<aws.events.rule-arn>"}' } },
      { rule: 'fix', arn: ruleArn('fix') },
    ],
    [
      'the whole event in a template',
      { InputTransformer: { InputTemplate: '{"event":<aws.events.event.json>}' } },
      { event: expect.objectContaining({ source: 'app', detail: expect.anything() }) },
    ],
  ];
  test.each(cases)('%s', async (_, target, expected) => {
    await rule('fix', { Arn: lambda, ...target });
    await put(detail);
    expect(payloads()).toEqual([expected]);
  });
});

describe('a target that fails', () => {
  const throttled = () => {
    throw new AwsError('TooManyRequestsException', 'Rate exceeded', 429);
  };
  const withDeadLetters = { DeadLetterConfig: { Arn: queueArn('dead') } };
  beforeEach(() => queue('dead'));

  test('is tried again later, until it takes the event', async () => {
    answer = throttled;
    await rule('fix', { Arn: lambda, ...withDeadLetters });
    await put();
    expect(deliveries(kernel).map((one) => one.outcome)).toEqual(['retrying']);
    answer = () => ({});
    await kernel.clock.advance(1000);
    await kernel.settle();
    expect(deliveries(kernel).map((one) => one.outcome)).toEqual(['retrying', 'delivered']);
    expect(await messages('dead')).toEqual([]);
  });

  const advance = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await kernel.clock.advance(1000);
      await kernel.settle();
    }
  };
  test.each([
    ['attempts', { MaximumRetryAttempts: 3 }, 'MaximumRetryAttempts', '3'],
    ['age', { MaximumEventAgeInSeconds: 60 }, 'MaximumEventAgeInSeconds', '6'],
  ])(
    'is given up when its %s are used up, and the event goes to the dead-letter queue',
    async (_, RetryPolicy, condition, attempts) => {
      answer = throttled;
      await rule('fix', { Arn: lambda, Input: '{}', RetryPolicy, ...withDeadLetters });
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
        TARGET_ARN: lambda,
        ERROR_CODE: 'THROTTLING',
        ERROR_MESSAGE: 'Rate exceeded',
        EXHAUSTED_RETRY_CONDITION: condition,
        RETRY_ATTEMPTS: attempts,
      });
      expect(deliveries(kernel).at(-1)?.outcome).toBe('dead-lettered');
    },
  );

  test('for a missing permission is not tried again', async () => {
    await queue('jobs');
    kernel.denies = (need) => need.resource === queueArn('jobs');
    await rule('fix', { Arn: queueArn('jobs'), ...withDeadLetters });
    await put();
    const [message] = await messages('dead');
    expect(message.MessageAttributes.ERROR_CODE.StringValue).toBe('NO_PERMISSIONS');
    expect(message.MessageAttributes.RETRY_ATTEMPTS).toBeUndefined();
  });

  test('for a role that cannot be assumed is not tried again', async () => {
    kernel.denies = (need) => need.action === 'sts:AssumeRole';
    await rule('fix', { Arn: machine, RoleArn: role, ...withDeadLetters });
    await put();
    expect((await messages('dead'))[0].MessageAttributes.ERROR_CODE.StringValue).toBe('FAILED_TO_ASSUME_ROLE');
  });

  test('loses the event where the dead-letter queue does not let the rule in', async () => {
    kernel.denies = (need) => need.action === 'sqs:SendMessage';
    await queue('jobs');
    await rule('fix', { Arn: queueArn('jobs'), ...withDeadLetters });
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

  test('because the sandbox does not model it fails loudly', async () => {
    await rule('fix', { Arn: `arn:aws:logs:eu-west-1:${account}:log-group:/a` });
    await expect(put()).rejects.toEqual(refused('NotModelled', 'logs'));
  });
});

describe('a schedule', () => {
  test('fires its rule at each time, until it is disabled', async () => {
    await rule('tick', { Arn: lambda }, { ScheduleExpression: 'rate(5 minutes)' });
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
    expect(taken).toHaveLength(2);
  });
});

describe('an archive', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 1, 12, minute));
  const replay = (more: object = {}) =>
    events('StartReplay', {
      ReplayName: 'again',
      EventSourceArn: `arn:aws:events:eu-west-1:${account}:archive/all`,
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

  test('replays the events of a time span to the named rules alone, marked as replayed', async () => {
    const id = await put();
    await put({ Source: 'other' });
    await kernel.clock.advance(60 * 60_000);
    await put();
    await rule('a', { Arn: lambda });
    await rule('b', { Arn: lambda });
    await replay({ Destination: { Arn: busArn('default'), FilterArns: [ruleArn('b')] } });
    await kernel.settle();
    expect(payloads()).toMatchObject([{ id, 'replay-name': 'again' }]);
    expect(deliveries(kernel).map((one) => one.rule)).toEqual([ruleArn('b')]);
    expect(await events('DescribeReplay', { ReplayName: 'again' })).toMatchObject({
      State: 'COMPLETED',
      EventLastReplayedTime: at(0),
    });
    expect(await events('DescribeArchive', { ArchiveName: 'all' })).toMatchObject({ EventCount: 2 });
  });

  test.each([
    ['twice under one name', {}, 'ResourceAlreadyExistsException'],
    ['to another bus', { ReplayName: 'x', Destination: { Arn: busArn('other') } }, 'ValidationException'],
    ['of a time span that ends before it starts', { ReplayName: 'x', EventStartTime: at(31) }, 'ValidationException'],
    [
      'of an archive that does not exist',
      { ReplayName: 'x', EventSourceArn: `arn:aws:events:eu-west-1:${account}:archive/none` },
      'ResourceNotFoundException',
    ],
  ])('is not replayed %s', async (_, more, code) => {
    await replay();
    await expect(replay(more)).rejects.toEqual(refused(code));
  });
});

describe('what is refused', () => {
  test.each([
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
      { Rule: 'fix', Targets: [{ Id: 'a', Arn: machine }] },
      'ValidationException',
    ],
    [
      'a sixth target',
      'PutTargets',
      { Rule: 'fix', Targets: [1, 2, 3, 4, 5].map((id) => ({ Id: `${id}`, Arn: lambda })) },
      'LimitExceededException',
    ],
    ['deletion of a rule with targets', 'DeleteRule', { Name: 'fix' }, 'ValidationException'],
  ])('%s', async (_, operation, input, code) => {
    await rule('fix', { Arn: lambda });
    await expect(events(operation, input)).rejects.toEqual(refused(code));
  });

  test('a target whose role the caller may not pass', async () => {
    kernel.denies = (need) => need.action === 'iam:PassRole';
    await expect(rule('fix', { Arn: machine, RoleArn: role })).rejects.toEqual(
      refused('AccessDenied', `iam:PassRole on resource: ${role}`),
    );
  });
});

describe('in a template', () => {
  const at = () => ({ ...place, kernel, principal: admin, requestId: 'r', state: kernel.state(eventbridge, place) });
  const create = async (type: string, properties: object) =>
    eventbridge.resources![type]!.create(properties, at(), { logicalId: 'Thing', stack: 'app' });

  test('a rule with its targets', async () => {
    const made = await create('AWS::Events::Rule', {
      EventPattern: { source: ['app'] },
      State: 'ENABLED',
      Targets: [{ Id: 'Target0', Arn: lambda, RetryPolicy: { MaximumRetryAttempts: 5 } }],
    });
    expect(made.ref).toMatch(/^app-Thing-[0-9A-F]{12}$/);
    expect(made.attributes).toEqual({ Arn: ruleArn(made.ref) });
    await put();
    expect(taken).toHaveLength(1);
  });

  test('a rule on a bus of its own is referred to with the bus', async () => {
    await create('AWS::Events::EventBus', { Name: 'own' });
    const made = await create('AWS::Events::Rule', {
      Name: 'r',
      EventBusName: 'own',
      EventPattern: { source: ['app'] },
    });
    expect(made).toEqual({ ref: 'own|r', attributes: { Arn: `arn:aws:events:eu-west-1:${account}:rule/own/r` } });
  });

  test('a schedule that calls a function, and one that makes any call, under their role', async () => {
    const schedule = (Target: object) => ({
      ScheduleExpression: 'cron(0 13 * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { RoleArn: role, ...Target },
    });
    await create('AWS::Scheduler::Schedule', schedule({ Arn: lambda, Input: '{"a":1}' }));
    await create(
      'AWS::Scheduler::Schedule',
      schedule({
        Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution',
        Input: JSON.stringify({ StateMachineArn: machine }),
      }),
    );
    await kernel.clock.advance(60 * 60_000);
    expect(taken).toMatchObject([
      { operation: 'Invoke', as: role, input: { FunctionName: lambda } },
      { operation: 'StartExecution', as: role, input: { stateMachineArn: machine } },
    ]);
  });

  test('a property that is unknown is refused by its name', async () => {
    await expect(create('AWS::Events::Rule', { Colour: 'red' })).rejects.toEqual(
      refused('ValidationError', 'Thing (AWS::Events::Rule): Properties: Unrecognized key: "Colour"'),
    );
  });
});
