import { beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../sandbox/kernel/kernel.ts';
import { deliveries } from '../../../sandbox/services/eventbridge/delivery-log.ts';
import { EventBridgeSandbox, START_ROLE, TARGET_FUNCTION, TARGET_MACHINE } from '../support/eventbridge-sandbox.ts';
import { errorWith, TEST_ACCOUNT, testQueueArn } from '../support/messaging-kernel.ts';

const ruleArn = (name: string) => `arn:aws:events:eu-west-1:${TEST_ACCOUNT}:rule/${name}`;
let bridge: EventBridgeSandbox;
beforeEach(() => {
  bridge = new EventBridgeSandbox();
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
    await bridge.rule('fix', { Arn: TARGET_FUNCTION, ...target });
    await bridge.put(detail);
    expect(bridge.payloads()).toEqual([expected]);
  });
});

describe('a failing target', () => {
  const throttled = () => {
    throw new AwsError('TooManyRequestsException', 'Rate exceeded', 429);
  };
  const withDeadLetters = { DeadLetterConfig: { Arn: testQueueArn('dead') } };
  beforeEach(() => bridge.queue('dead'));

  it('is retried until it accepts the event', async () => {
    bridge.answer = throttled;
    await bridge.rule('fix', { Arn: TARGET_FUNCTION, ...withDeadLetters });
    await bridge.put();
    expect(deliveries(bridge.kernel).map((delivery) => delivery.outcome)).toEqual(['retrying']);
    bridge.answer = () => ({});
    await bridge.kernel.clock.advance(1000);
    await bridge.kernel.settle();
    expect(deliveries(bridge.kernel).map((delivery) => delivery.outcome)).toEqual(['retrying', 'delivered']);
    expect(await bridge.messages('dead')).toEqual([]);
  });

  const advance = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await bridge.kernel.clock.advance(1000);
      await bridge.kernel.settle();
    }
  };
  it.each([
    ['attempts', { MaximumRetryAttempts: 3 }, 'MaximumRetryAttempts', '3'],
    ['age', { MaximumEventAgeInSeconds: 60 }, 'MaximumEventAgeInSeconds', '6'],
  ])(
    'is retried up to its maximum %s, then the event goes to the dead-letter queue',
    async (_, RetryPolicy, condition, attempts) => {
      bridge.answer = throttled;
      await bridge.rule('fix', { Arn: TARGET_FUNCTION, Input: '{}', RetryPolicy, ...withDeadLetters });
      const id = await bridge.put();
      await advance(120);
      const [message] = await bridge.messages('dead');
      expect(JSON.parse(message.Body)).toMatchObject({ id, source: 'app' });
      const attributes = Object.entries(message.MessageAttributes).map(([name, value]: any) => [
        name,
        value.StringValue,
      ]);
      expect(Object.fromEntries(attributes)).toEqual({
        RULE_ARN: ruleArn('fix'),
        TARGET_ARN: TARGET_FUNCTION,
        ERROR_CODE: 'THROTTLING',
        ERROR_MESSAGE: 'Rate exceeded',
        EXHAUSTED_RETRY_CONDITION: condition,
        RETRY_ATTEMPTS: attempts,
      });
      expect(deliveries(bridge.kernel).at(-1)?.outcome).toBe('dead-lettered');
    },
  );

  it('is not retried after a missing permission', async () => {
    await bridge.queue('jobs');
    bridge.kernel.denies = (need) => need.resource === testQueueArn('jobs');
    await bridge.rule('fix', { Arn: testQueueArn('jobs'), ...withDeadLetters });
    await bridge.put();
    const [message] = await bridge.messages('dead');
    expect(message.MessageAttributes.ERROR_CODE.StringValue).toBe('NO_PERMISSIONS');
    expect(message.MessageAttributes.RETRY_ATTEMPTS).toBeUndefined();
  });

  it('is not retried after a failure to assume its role', async () => {
    bridge.kernel.denies = (need) => need.action === 'sts:AssumeRole';
    await bridge.rule('fix', { Arn: TARGET_MACHINE, RoleArn: START_ROLE, ...withDeadLetters });
    await bridge.put();
    expect((await bridge.messages('dead'))[0].MessageAttributes.ERROR_CODE.StringValue).toBe('FAILED_TO_ASSUME_ROLE');
  });

  it('loses the event if the dead-letter queue denies access', async () => {
    bridge.kernel.denies = (need) => need.action === 'sqs:SendMessage';
    await bridge.queue('jobs');
    await bridge.rule('fix', { Arn: testQueueArn('jobs'), ...withDeadLetters });
    const eventId = await bridge.put();
    expect(deliveries(bridge.kernel)).toMatchObject([
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
    await bridge.rule('fix', { Arn: `arn:aws:logs:eu-west-1:${TEST_ACCOUNT}:log-group:/a` });
    await expect(bridge.put()).rejects.toEqual(errorWith('NotModelled', 'logs'));
  });
});
