/** Rules that send events to HTTPS endpoints: a receiver on this machine plays them. */
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  DescribeConnectionCommand,
  EventBridgeClient,
  ListApiDestinationsCommand,
  ListConnectionsCommand,
  ListRuleNamesByTargetCommand,
  PutEventsCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../../../lab/organization/receiver.ts';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { createSandboxWith, type Sandbox } from '../../../sandbox/create-sandbox.ts';
import type { AwsPlace } from '../../../sandbox/kernel/kernel.ts';
import { deliveries } from '../../../sandbox/services/eventbridge/delivery-log.ts';
import { eventbridge } from '../../../sandbox/services/eventbridge/index.ts';
import { setReceivers } from '../../../sandbox/services/eventbridge/receivers.ts';
import { iam } from '../../../sandbox/services/iam/index.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { organizations } from '../../../sandbox/services/organizations/index.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import { sts } from '../../../sandbox/services/sts/index.ts';

const ACCOUNT = '111111111111';
const HOME: AwsPlace = { partition: 'aws', account: ACCOUNT, region: 'us-east-1' };
const HOST = 'https://hooks.example.com';
const attribute = (name: string, of = 'Arn') => ({ 'Fn::GetAtt': [name, of] });

type Options = {
  readonly invokes?: string;
  readonly rate?: number;
  readonly retry?: object;
  readonly body?: readonly object[];
};

const template = ({ invokes = 'events:InvokeApiDestination', rate, retry, body }: Options = {}) => ({
  Resources: {
    Connection: {
      Type: 'AWS::Events::Connection',
      Properties: {
        AuthorizationType: 'API_KEY',
        AuthParameters: {
          ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'sesame' },
          InvocationHttpParameters: {
            HeaderParameters: [{ Key: 'X-Team', Value: 'ours', IsValueSecret: true }],
            QueryStringParameters: [{ Key: 'from', Value: 'connection' }],
            BodyParameters: body,
          },
        },
      },
    },
    Destination: {
      Type: 'AWS::Events::ApiDestination',
      Properties: {
        ConnectionArn: attribute('Connection'),
        HttpMethod: 'POST',
        InvocationEndpoint: `${HOST}/services/*`,
        InvocationRateLimitPerSecond: rate,
      },
    },
    Letters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'letters' } },
    LettersPolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Letters' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: attribute('Letters'),
            },
          ],
        },
      },
    },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          {
            PolicyName: 'invoke',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: invokes, Resource: attribute('Destination') }],
            },
          },
        ],
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['test'] },
        Targets: [
          {
            Id: 'endpoint',
            Arn: attribute('Destination'),
            RoleArn: attribute('Role'),
            DeadLetterConfig: { Arn: attribute('Letters') },
            RetryPolicy: retry,
            InputTransformer: {
              InputPathsMap: { what: '$.detail.what' },
              InputTemplate: '{"text": "It is <what>"}',
            },
            HttpParameters: {
              PathParameterValues: ['a b'],
              HeaderParameters: { 'X-Team': 'theirs', 'X-Rule': 'ours' },
              QueryStringParameters: { from: 'rule', more: 'yes' },
            },
          },
        ],
      },
    },
  },
});

let receiver: Receiver;
let sandbox: Sandbox;
let count = 0;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());
beforeEach(async () => {
  receiver.requests.length = 0;
  receiver.answer = () => ({});
  sandbox = await createSandboxWith([eventbridge, sqs, iam, sts, organizations, kms], {
    organization: { id: 'o-test000001', managementAccount: ACCOUNT, accounts: [{ id: ACCOUNT, name: 'only' }] },
    homeRegion: HOME.region,
    receivers: { [HOST]: receiver.url },
  });
  return () => sandbox.close();
});

const deploy = (options?: Options) => deployTemplate(sandbox.kernel, HOME, 'messages', template(options));
const client = () => new EventBridgeClient(sandbox.administrator(ACCOUNT));

async function send(...whats: string[]): Promise<void> {
  const Entries = whats.map((what) => ({ Source: 'test', DetailType: 'Test', Detail: JSON.stringify({ what }) }));
  await client().send(new PutEventsCommand({ Entries }));
  await sandbox.settled();
}

async function deadLetters() {
  const queue = new SQSClient(sandbox.administrator(ACCOUNT));
  const QueueUrl = `${sandbox.endpoint}/${ACCOUNT}/letters`;
  const { Messages = [] } = await queue.send(
    new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MaxNumberOfMessages: 10 }),
  );
  return Messages.map(({ MessageAttributes = {}, Body }) => ({
    what: JSON.parse(Body!).detail.what as string,
    ...Object.fromEntries(Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue])),
  }));
}

const outcomes = () => deliveries(sandbox.kernel).map(({ outcome }) => outcome);

describe('an API destination', () => {
  it('receives the transformed input, signed by its connection', async () => {
    await deploy();
    await send('a "quoted" thing');
    expect(receiver.requests).toHaveLength(1);
    const [{ method, path, headers, body }] = receiver.requests as [Receiver['requests'][number]];
    expect([method, path]).toEqual(['POST', '/services/a%20b?from=connection&more=yes']);
    expect(JSON.parse(body)).toEqual({ text: 'It is a "quoted" thing' });
    expect(headers).toMatchObject({
      host: 'hooks.example.com',
      'x-key': 'sesame',
      'x-team': 'ours',
      'x-rule': 'ours',
      'user-agent': 'Amazon/EventBridge/ApiDestinations',
      'content-type': 'application/json; charset=utf-8',
    });
  });

  it('gets the parameters of the connection in its body, and secret ones cannot be read', async () => {
    await deploy({
      body: [
        { Key: 'routing_key', Value: 'sesame', IsValueSecret: true },
        { Key: 'text', Value: 'ours' },
      ],
    });
    await send('x');
    const [{ body, headers }] = receiver.requests as [Receiver['requests'][number]];
    expect(JSON.parse(body)).toEqual({ text: 'ours', routing_key: 'sesame' });
    expect(headers['content-length']).toBe(String(body.length));
    const { Connections } = await client().send(new ListConnectionsCommand({}));
    const found = await client().send(new DescribeConnectionCommand({ Name: Connections![0]!.Name }));
    expect(found.AuthParameters?.InvocationHttpParameters?.BodyParameters).toEqual([
      { Key: 'routing_key', IsValueSecret: true },
      { Key: 'text', Value: 'ours', IsValueSecret: false },
    ]);
  });

  it('is not invoked by a role without events:InvokeApiDestination', async () => {
    await deploy({ invokes: 'events:PutEvents' });
    await send('x');
    expect(receiver.requests).toEqual([]);
    expect(await deadLetters()).toMatchObject([{ what: 'x', ERROR_CODE: 'NO_PERMISSIONS' }]);
  });

  it.each([400, 403, 404, 410, 302])('is not retried after %i', async (status) => {
    await deploy();
    receiver.answer = () => ({ status });
    await send('x');
    expect(receiver.requests).toHaveLength(1);
    expect(await deadLetters()).toMatchObject([
      { what: 'x', ERROR_CODE: 'SDK_CLIENT_ERROR', ERROR_MESSAGE: expect.stringContaining(String(status)) },
    ]);
  });

  it.each([401, 407, 409, 429, 500, 503])('is retried after %i', async (status) => {
    await deploy();
    receiver.answer = () => (receiver.requests.length < 3 ? { status } : {});
    await send('x');
    expect(outcomes()).toEqual(['retrying', 'retrying', 'delivered']);
    expect(await deadLetters()).toEqual([]);
  });

  it('gets another request after an answer that took five seconds, and after a broken connection', async () => {
    await deploy();
    const began = sandbox.kernel.clock.now();
    const answers = [{ afterMs: 5_000 }, { breaks: true }, { afterMs: 4_900 }];
    receiver.answer = () => answers[receiver.requests.length - 1]!;
    await send('x');
    expect(outcomes()).toEqual(['retrying', 'retrying', 'delivered']);
    expect(sandbox.kernel.clock.now() - began).toBeGreaterThanOrEqual(9_900);
  });

  it('is retried after its Retry-After, or at once if that is negative', async () => {
    await deploy();
    const began = sandbox.kernel.clock.now();
    receiver.answer = () => (receiver.requests.length === 1 ? { status: 429, retryAfter: '120' } : {});
    await send('x');
    expect(sandbox.kernel.clock.now() - began).toBeGreaterThanOrEqual(120_000);
    receiver.answer = () => ({ status: 429, retryAfter: '-1' });
    await send('y');
    expect(await deadLetters()).toMatchObject([{ what: 'y', ERROR_CODE: 'SDK_CLIENT_ERROR' }]);
  });

  it('loses no event in an outage of an hour, and dead-letters all in a longer one', async () => {
    await deploy({ retry: { MaximumEventAgeInSeconds: 7200, MaximumRetryAttempts: 185 } });
    const until = sandbox.kernel.clock.now() + 3_600_000;
    receiver.answer = () => (sandbox.kernel.clock.now() < until ? { status: 503 } : {});
    await send('x', 'y');
    expect(outcomes().filter((outcome) => outcome === 'delivered')).toHaveLength(2);
    receiver.answer = () => ({ status: 503 });
    await send('z');
    expect(await deadLetters()).toMatchObject([
      { what: 'z', EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds', ERROR_CODE: 'ERROR_FROM_TARGET' },
    ]);
  });

  it('is invoked at its rate', async () => {
    await deploy({ rate: 2 });
    const times: number[] = [];
    receiver.answer = () => {
      times.push(sandbox.kernel.clock.now());
      return {};
    };
    await send('a', 'b', 'c', 'd', 'e');
    expect(times.map((time) => time - times[0]!)).toEqual([0, 500, 1000, 1500, 2000]);
  });

  it('never gets an event that became older than its retry policy allows', async () => {
    await deploy({ rate: 1, retry: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 185 } });
    for (let batch = 0; batch < 7; batch++)
      await client().send(
        new PutEventsCommand({
          Entries: Array.from({ length: 10 }, (_, n) => ({
            Source: 'test',
            DetailType: 'Test',
            Detail: JSON.stringify({ what: `${batch}-${n}` }),
          })),
        }),
      );
    await sandbox.settled();
    const dead = outcomes().filter((outcome) => outcome === 'dead-lettered').length;
    expect(receiver.requests.length + dead).toBe(70);
    expect(dead).toBeGreaterThan(5);
    expect((await deadLetters())[0]).toMatchObject({ ERROR_CODE: 'THROTTLING' });
  });
});

describe('connections and API destinations', () => {
  const create = (more: object) =>
    client().send(
      new CreateConnectionCommand({
        Name: `c${++count}`,
        AuthorizationType: 'BASIC',
        AuthParameters: { BasicAuthParameters: { Username: 'ann', Password: 'sesame' } },
        ...more,
      }),
    );

  it('return no secret, and name the one that EventBridge made', async () => {
    await create({ Name: 'basic' });
    const found = await client().send(new DescribeConnectionCommand({ Name: 'basic' }));
    expect(JSON.stringify(found)).not.toContain('sesame');
    expect(found.AuthParameters?.BasicAuthParameters).toEqual({ Username: 'ann' });
    expect(found.SecretArn).toMatch(
      /^arn:aws:secretsmanager:us-east-1:111111111111:secret:events!connection\/basic\/[\w-]+$/,
    );
  });

  it('refuse by name members that are not modelled, and values that EventBridge refuses', async () => {
    await expect(create({ AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS' })).rejects.toThrow(/OAuth/);
    await expect(create({ InvocationConnectivityParameters: {} })).rejects.toThrow(/InvocationConnectivityParameters/);
    await expect(create({ AuthorizationType: 'API_KEY' })).rejects.toThrow(/do not match the authorization type/);
    await expect(create({ Name: 'no spaces' })).rejects.toThrow(/failed to satisfy constraint/);
    const { ConnectionArn } = await create({});
    const destination = (InvocationEndpoint: string) =>
      client().send(
        new CreateApiDestinationCommand({ Name: 'd', ConnectionArn, HttpMethod: 'POST', InvocationEndpoint }),
      );
    await expect(destination('http://hooks.example.com')).rejects.toThrow(/https/);
    await destination(HOST);
    await expect(destination(HOST)).rejects.toThrow(/already exists/);
  });

  it('need a role at the target', async () => {
    await deploy();
    const { ConnectionArn } = await create({});
    const { ApiDestinationArn: Arn } = await client().send(
      new CreateApiDestinationCommand({ Name: 'd', ConnectionArn, HttpMethod: 'POST', InvocationEndpoint: HOST }),
    );
    const { ApiDestinations } = await client().send(new ListApiDestinationsCommand({ NamePrefix: 'messages' }));
    const TargetArn = ApiDestinations![0]!.ApiDestinationArn!;
    const { RuleNames } = await client().send(new ListRuleNamesByTargetCommand({ TargetArn }));
    await expect(
      client().send(new PutTargetsCommand({ Rule: RuleNames![0], Targets: [{ Id: 'x', Arn }] })),
    ).rejects.toThrow(/RoleArn is required/);
  });

  it('cannot reach a host without a receiver', async () => {
    await deploy();
    setReceivers(sandbox.kernel, {});
    await client().send(
      new PutEventsCommand({ Entries: [{ Source: 'test', DetailType: 't', Detail: '{"what":"x"}' }] }),
    );
    await expect(sandbox.settled()).rejects.toMatchObject({
      errors: [{ cause: { message: expect.stringContaining(`the host ${HOST} of an API destination`) } }],
    });
    expect(() => setReceivers(sandbox.kernel, { [HOST]: 'http://example.com' })).toThrow(/must be on this machine/);
    expect(() => setReceivers(sandbox.kernel, { 'hooks.example.com': receiver.url })).toThrow(/write an origin/);
  });
});
