import * as lambdaSdk from '@aws-sdk/client-lambda';
import * as sqsSdk from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { createClock } from '../../../sandbox/kernel/clock.ts';
import { AwsError, defineService } from '../../../sandbox/kernel/kernel.ts';
import { executionSummary, sfn } from '../../../sandbox/services/sfn/index.ts';
import { home, type SmallKernel, smallKernel } from '../support/small-kernel.ts';

const FUNCTION = `arn:aws:lambda:us-east-1:${home.account}:function:work`;
let kernel: SmallKernel;
let seen: { service: string; operation: string; input: any }[];
/** What the next call of any service answers. */
let answer: (input: any) => unknown;

/** A service of which every operation notes its input and answers as the test says. */
function pretended(name: string, sdk: object, operations: string[]) {
  const run = (operation: string) => (input: any) => {
    seen.push({ service: name, operation, input });
    return answer(input);
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
  seen = [];
  answer = () => ({});
  kernel = smallKernel(
    sfn,
    pretended('lambda', lambdaSdk, ['Invoke']),
    pretended('sqs', sqsSdk, ['SendMessage', 'GetQueueAttributes']),
    pretended('sns', {}, ['Publish']),
    pretended('eventbridge', {}, ['PutEvents']),
    pretended('dynamodb', {}, ['PutItem']),
    pretended('securityhub', { InvalidInputException: class {} }, ['GetFindings']),
  );
  Object.assign(kernel, { clock: createClock({ virtual: true }) });
});

async function perform(Resource: string, Parameters?: object, input: object = {}) {
  const definition = { StartAt: 'Work', States: { Work: { Type: 'Task', Resource, Parameters, End: true } } };
  const made = await kernel.as('sfn', 'CreateStateMachine', {
    name: 'machine',
    definition: JSON.stringify(definition),
    roleArn: `arn:aws:iam::${home.account}:role/machine`,
  });
  const { executionArn } = await kernel.as('sfn', 'StartExecution', { ...made, input: JSON.stringify(input) });
  await kernel.clock.settled();
  return executionSummary(kernel, executionArn);
}
const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const refuse =
  (error: string, message = 'no', status = 400) =>
  () => {
    throw new AwsError(error, message, status);
  };

// https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
describe('a function', () => {
  const invoke = 'arn:aws:states:::lambda:invoke';

  test('by its ARN gets the input and answers the output', async () => {
    answer = () => ({ StatusCode: 200, Payload: text({ ok: 1 }) });
    expect((await perform(FUNCTION, undefined, { a: 1 })).output).toEqual({ ok: 1 });
    expect(seen[0]!.input.FunctionName).toBe(FUNCTION);
    expect(JSON.parse(seen[0]!.input.Payload)).toEqual({ a: 1 });
  });
  test('by the integration answers its output as Payload, with how the call went', async () => {
    answer = () => ({ StatusCode: 200, ExecutedVersion: '3', Payload: text({ ok: 1 }) });
    const { output } = await perform(invoke, { FunctionName: 'work:live', 'Payload.$': '$' }, { a: 1 });
    expect(output).toMatchObject({
      ExecutedVersion: '3',
      StatusCode: 200,
      Payload: { ok: 1 },
      SdkHttpMetadata: { HttpStatusCode: 200 },
    });
  });
  test.each([FUNCTION, invoke])(
    'that throws, called as %s, fails with its error type and the payload as cause',
    async (resource) => {
      const said = { errorType: 'ResourceBusy', errorMessage: 'later', trace: [] };
      answer = () => ({ StatusCode: 200, FunctionError: 'Unhandled', Payload: text(said) });
      const { error, cause } = await perform(resource, { FunctionName: 'work' });
      expect([error, JSON.parse(cause!)]).toEqual(['ResourceBusy', said]);
    },
  );
  test('whose runtime names no error type fails with Lambda.Unknown', async () => {
    answer = () => ({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      Payload: text({ errorMessage: 'Task timed out after 3.00 seconds' }),
    });
    expect((await perform(invoke, { FunctionName: 'work' })).error).toBe('Lambda.Unknown');
  });
  test('that answers nothing answers null', async () => {
    answer = () => ({ StatusCode: 200 });
    expect((await perform(FUNCTION)).output).toBe(null);
  });
  test.each([
    ['TooManyRequestsException', 429, 'Lambda.TooManyRequestsException'],
    ['ResourceNotFoundException', 404, 'Lambda.ResourceNotFoundException'],
    ['ServiceException', 500, 'Lambda.ServiceException'],
    ['AccessDeniedException', 403, 'Lambda.AWSLambdaException'],
  ])('that Lambda refuses with %s', async (error, status, name) => {
    answer = refuse(error, 'told so', status);
    expect(await perform(invoke, { FunctionName: 'work' })).toMatchObject({
      error: name,
      cause: expect.stringMatching(`^told so \\(Service: AWSLambda; Status Code: ${status}; Error Code: ${error}; `),
    });
  });
  test('that cannot be reached', async () => {
    answer = () => {
      throw Object.assign(new Error('cut'), { name: 'Cut' });
    };
    expect((await perform(invoke, { FunctionName: 'work' })).error).toBe('Lambda.SdkClientException');
  });
});

describe('an optimized integration', () => {
  test('of SQS sends JSON as text and answers the message id', async () => {
    answer = () => ({ MessageId: 'm-1', SequenceNumber: undefined });
    const { output } = await perform(
      'arn:aws:states:::sqs:sendMessage',
      { QueueUrl: 'q', MessageBody: { 'a.$': '$.a' } },
      { a: 1 },
    );
    expect(seen).toEqual([
      { service: 'sqs', operation: 'SendMessage', input: { QueueUrl: 'q', MessageBody: '{"a":1}' } },
    ]);
    expect(output).toMatchObject({ MessageId: 'm-1', SdkResponseMetadata: {} });
  });
  test.each([
    ['QueueDoesNotExist', 'SQS.QueueDoesNotExistException'],
    ['AccessDenied', 'SQS.AmazonSQSException'],
  ])('of SQS names %s', async (error, name) => {
    answer = refuse(error);
    expect((await perform('arn:aws:states:::sqs:sendMessage', { QueueUrl: 'q', MessageBody: 'm' })).error).toBe(name);
  });
  test('of SNS sends JSON as text', async () => {
    await perform('arn:aws:states:::sns:publish', { TopicArn: 't', Message: { a: 1 } });
    expect(seen[0]!.input).toEqual({ TopicArn: 't', Message: '{"a":1}' });
  });
  test('of EventBridge adds the execution and the machine to the resources', async () => {
    answer = () => ({ FailedEntryCount: 0, Entries: [] });
    await perform('arn:aws:states:::events:putEvents', {
      Entries: [{ Source: 's', DetailType: 'd', Detail: { a: 1 } }],
    });
    expect(seen[0]!.input.Entries[0]).toMatchObject({
      Detail: '{"a":1}',
      Resources: [expect.stringContaining(':execution:machine:'), expect.stringContaining(':stateMachine:machine')],
    });
  });
  test('of EventBridge fails when an entry failed', async () => {
    answer = () => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] });
    expect((await perform('arn:aws:states:::events:putEvents', { Entries: [{ Source: 's' }] })).error).toBe(
      'EventBridge.FailedEntry',
    );
  });
  test('of DynamoDB takes items as they are', async () => {
    const Item = { id: { S: 'a' } };
    await perform('arn:aws:states:::dynamodb:putItem', { TableName: 't', Item });
    expect(seen[0]).toEqual({ service: 'dynamodb', operation: 'PutItem', input: { TableName: 't', Item } });
  });
  test('of Step Functions starts another execution', async () => {
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
  test('is called by its name and answers JSON', async () => {
    answer = () => ({ Findings: [{ UpdatedAt: new Date(0), Note: undefined }] });
    const { output } = await perform('arn:aws:states:::aws-sdk:securityhub:getFindings', { MaxResults: 1 });
    expect(seen[0]).toEqual({ service: 'securityhub', operation: 'GetFindings', input: { MaxResults: 1 } });
    expect(output).toEqual({ Findings: [{ UpdatedAt: '1970-01-01T00:00:00.000Z' }] });
  });
  test.each([
    ['InvalidInputException', 'SecurityHub.InvalidInputException'],
    ['TooManyThings', 'SecurityHub.SecurityHubException'],
  ])('names %s', async (error, name) => {
    answer = refuse(error);
    expect((await perform('arn:aws:states:::aws-sdk:securityhub:getFindings', {})).error).toBe(name);
  });
  test('that is not modelled says so', async () => {
    expect((await perform('arn:aws:states:::aws-sdk:securityhub:getInsights', {})).error).toBe('NotModelled');
  });
});
