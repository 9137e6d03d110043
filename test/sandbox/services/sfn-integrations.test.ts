import * as lambdaSdk from '@aws-sdk/client-lambda';
import * as sqsSdk from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it } from 'vitest';
import { createClock } from '../../../sandbox/kernel/clock.ts';
import { AwsError, defineService } from '../../../sandbox/kernel/kernel.ts';
import { sfn } from '../../../sandbox/services/sfn/index.ts';
import { executionSummary } from '../../../sandbox/services/sfn/summary.ts';
import { HOME, type SmallKernel, smallKernel } from '../support/small-kernel.ts';

const FUNCTION = `arn:aws:lambda:us-east-1:${HOME.account}:function:work`;
let kernel: SmallKernel;
let calls: { service: string; operation: string; input: any }[];
let respond: (input: any) => unknown;

function fakeService(name: string, sdk: object, operations: string[]) {
  const run = (operation: string) => (input: any) => {
    calls.push({ service: name, operation, input });
    return respond(input);
  };
  return defineService<any, object>({
    name,
    sdk,
    client: class {},
    prefix: name,
    scope: 'region',
    state: () => ({}),
    operations: Object.fromEntries(operations.map((operation) => [operation, { run: run(operation) }])) as object,
  });
}

beforeEach(() => {
  calls = [];
  respond = () => ({});
  kernel = smallKernel(
    sfn,
    fakeService('lambda', lambdaSdk, ['Invoke']),
    fakeService('sqs', sqsSdk, ['SendMessage', 'GetQueueAttributes']),
    fakeService('sns', {}, ['Publish']),
    fakeService('eventbridge', {}, ['PutEvents']),
    fakeService('dynamodb', {}, ['PutItem']),
    fakeService('securityhub', { InvalidInputException: class {} }, ['GetFindings']),
  );
  Object.assign(kernel, { clock: createClock({ virtual: true }) });
});

async function perform(Resource: string, Parameters?: object, input: object = {}) {
  const definition = { StartAt: 'Work', States: { Work: { Type: 'Task', Resource, Parameters, End: true } } };
  const machine = await kernel.as('sfn', 'CreateStateMachine', {
    name: 'machine',
    definition: JSON.stringify(definition),
    roleArn: `arn:aws:iam::${HOME.account}:role/machine`,
  });
  const { executionArn } = await kernel.as('sfn', 'StartExecution', { ...machine, input: JSON.stringify(input) });
  await kernel.clock.settled();
  return executionSummary(kernel, executionArn);
}
const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const failWith =
  (error: string, message = 'no', status = 400) =>
  () => {
    throw new AwsError(error, message, status);
  };

// https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
describe('a function', () => {
  const invoke = 'arn:aws:states:::lambda:invoke';

  it('called by its ARN gets the input and returns the output', async () => {
    respond = () => ({ StatusCode: 200, Payload: text({ ok: 1 }) });
    expect((await perform(FUNCTION, undefined, { a: 1 })).output).toEqual({ ok: 1 });
    expect(calls[0]!.input.FunctionName).toBe(FUNCTION);
    expect(JSON.parse(calls[0]!.input.Payload)).toEqual({ a: 1 });
  });
  it('called by the integration returns its output as Payload, with HTTP metadata', async () => {
    respond = () => ({ StatusCode: 200, ExecutedVersion: '3', Payload: text({ ok: 1 }) });
    const { output } = await perform(invoke, { FunctionName: 'work:live', 'Payload.$': '$' }, { a: 1 });
    expect(output).toMatchObject({
      ExecutedVersion: '3',
      StatusCode: 200,
      Payload: { ok: 1 },
      SdkHttpMetadata: { HttpStatusCode: 200 },
    });
  });
  it.each([FUNCTION, invoke])(
    'that throws, called as %s, fails with its error type and the payload as cause',
    async (resource) => {
      const payload = { errorType: 'ResourceBusy', errorMessage: 'later', trace: [] };
      respond = () => ({ StatusCode: 200, FunctionError: 'Unhandled', Payload: text(payload) });
      const { error, cause } = await perform(resource, { FunctionName: 'work' });
      expect([error, JSON.parse(cause!)]).toEqual(['ResourceBusy', payload]);
    },
  );
  it('without an error type fails with Lambda.Unknown', async () => {
    respond = () => ({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      Payload: text({ errorMessage: 'Task timed out after 3.00 seconds' }),
    });
    expect((await perform(invoke, { FunctionName: 'work' })).error).toBe('Lambda.Unknown');
  });
  it('without a result returns null', async () => {
    respond = () => ({ StatusCode: 200 });
    expect((await perform(FUNCTION)).output).toBe(null);
  });
  it.each([
    ['TooManyRequestsException', 429, 'Lambda.TooManyRequestsException'],
    ['ResourceNotFoundException', 404, 'Lambda.ResourceNotFoundException'],
    ['ServiceException', 500, 'Lambda.ServiceException'],
    ['AccessDeniedException', 403, 'Lambda.AWSLambdaException'],
  ])('fails with the name of %s', async (error, status, name) => {
    respond = failWith(error, 'not now', status);
    expect(await perform(invoke, { FunctionName: 'work' })).toMatchObject({
      error: name,
      cause: expect.stringMatching(`^not now \\(Service: AWSLambda; Status Code: ${status}; Error Code: ${error}; `),
    });
  });
  it('fails with SdkClientException if the connection breaks', async () => {
    respond = () => {
      throw Object.assign(new Error('cut'), { name: 'ConnectionDrop' });
    };
    expect((await perform(invoke, { FunctionName: 'work' })).error).toBe('Lambda.SdkClientException');
  });
});

describe('an optimized integration', () => {
  it('of SQS sends JSON as text and returns the message id', async () => {
    respond = () => ({ MessageId: 'm-1', SequenceNumber: undefined });
    const { output } = await perform(
      'arn:aws:states:::sqs:sendMessage',
      { QueueUrl: 'q', MessageBody: { 'a.$': '$.a' } },
      { a: 1 },
    );
    expect(calls).toEqual([
      { service: 'sqs', operation: 'SendMessage', input: { QueueUrl: 'q', MessageBody: '{"a":1}' } },
    ]);
    expect(output).toMatchObject({ MessageId: 'm-1', SdkResponseMetadata: {} });
  });
  it.each([
    ['QueueDoesNotExist', 'SQS.QueueDoesNotExistException'],
    ['AccessDenied', 'SQS.AmazonSQSException'],
  ])('of SQS names %s', async (error, name) => {
    respond = failWith(error);
    expect((await perform('arn:aws:states:::sqs:sendMessage', { QueueUrl: 'q', MessageBody: 'm' })).error).toBe(name);
  });
  it('of SNS sends JSON as text', async () => {
    await perform('arn:aws:states:::sns:publish', { TopicArn: 't', Message: { a: 1 } });
    expect(calls[0]!.input).toEqual({ TopicArn: 't', Message: '{"a":1}' });
  });
  it('of EventBridge adds the execution and the machine to the resources', async () => {
    respond = () => ({ FailedEntryCount: 0, Entries: [] });
    await perform('arn:aws:states:::events:putEvents', {
      Entries: [{ Source: 's', DetailType: 'd', Detail: { a: 1 } }],
    });
    expect(calls[0]!.input.Entries[0]).toMatchObject({
      Detail: '{"a":1}',
      Resources: [expect.stringContaining(':execution:machine:'), expect.stringContaining(':stateMachine:machine')],
    });
  });
  it('of EventBridge fails when an entry failed', async () => {
    respond = () => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] });
    expect((await perform('arn:aws:states:::events:putEvents', { Entries: [{ Source: 's' }] })).error).toBe(
      'EventBridge.FailedEntry',
    );
  });
  it('of DynamoDB passes items unchanged', async () => {
    const Item = { id: { S: 'a' } };
    await perform('arn:aws:states:::dynamodb:putItem', { TableName: 't', Item });
    expect(calls[0]).toEqual({ service: 'dynamodb', operation: 'PutItem', input: { TableName: 't', Item } });
  });
  it('of Step Functions starts another execution', async () => {
    const child = { StartAt: 'Only', States: { Only: { Type: 'Pass', End: true } } };
    const { stateMachineArn: StateMachineArn } = await kernel.as('sfn', 'CreateStateMachine', {
      name: 'child',
      definition: JSON.stringify(child),
      roleArn: 'arn:aws:iam::111122223333:role/child',
    });
    const { output } = await perform('arn:aws:states:::states:startExecution', {
      StateMachineArn,
      Name: 'c',
      Input: { a: 1 },
    });
    const { ExecutionArn, StartDate } = output as { ExecutionArn: string; StartDate: number };
    expect(executionSummary(kernel, ExecutionArn)).toMatchObject({ status: 'SUCCEEDED', input: { a: 1 } });
    expect(StartDate).toBeTypeOf('number');
  });
});

describe('an operation of an SDK', () => {
  it('is called by its name and returns JSON', async () => {
    respond = () => ({ Findings: [{ UpdatedAt: new Date(0), Note: undefined }] });
    const { output } = await perform('arn:aws:states:::aws-sdk:securityhub:getFindings', { MaxResults: 1 });
    expect(calls[0]).toEqual({ service: 'securityhub', operation: 'GetFindings', input: { MaxResults: 1 } });
    expect(output).toEqual({ Findings: [{ UpdatedAt: '1970-01-01T00:00:00.000Z' }] });
  });
  it.each([
    ['InvalidInputException', 'SecurityHub.InvalidInputException'],
    ['TooManyThings', 'SecurityHub.SecurityHubException'],
  ])('names %s', async (error, name) => {
    respond = failWith(error);
    expect((await perform('arn:aws:states:::aws-sdk:securityhub:getFindings', {})).error).toBe(name);
  });
  it('fails with NotModelled if the sandbox lacks it', async () => {
    expect((await perform('arn:aws:states:::aws-sdk:securityhub:getInsights', {})).error).toBe('NotModelled');
  });
});
