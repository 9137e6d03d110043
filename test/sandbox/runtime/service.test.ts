import { afterEach, describe, expect, it } from 'vitest';
import type { Kernel } from '../../../sandbox/kernel/kernel.ts';
import { stopFunctions } from '../../../sandbox/runtime/pool.ts';
import { applyQuotas } from '../../../sandbox/services/servicequotas/state.ts';
import { LAMBDA_ROLE, lambdaAndQueues, payloadOf, type Services } from '../support/lambda-and-queues.ts';
import { NOON } from '../support/runtime-kernel.ts';

const STARTED: Services[] = [];
const sandbox = (parts?: Partial<Kernel>): Services => {
  const made = lambdaAndQueues(parts);
  STARTED.push(made);
  return made;
};
afterEach(async () => {
  for (const { kernel } of STARTED.splice(0)) await stopFunctions(kernel);
});

const ARN = 'arn:aws:lambda:eu-central-1:111111111111:function:greet';
const SLOW = 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 1000))';
const ECHO = 'export const handler = async (event, context) => ({ event, version: context.functionVersion })';

describe('CreateFunction', () => {
  it('requires iam:PassRole of the deployer and trust of the role', async () => {
    const { makeFunction, needs } = sandbox();
    await makeFunction(ECHO);
    expect(needs).toEqual([
      { action: 'iam:PassRole', resource: LAMBDA_ROLE, context: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    ]);
  });

  it.each([
    ['the deployer may not pass the role', ['iam:PassRole'], {}, 'AccessDeniedException', /iam:PassRole/],
    [
      'the role may not send to the dead-letter queue',
      ['sqs:SendMessage'],
      { DeadLetterConfig: { TargetArn: 'arn:aws:sqs:eu-central-1:111111111111:dead' } },
      'InvalidParameterValueException',
      /call SendMessage on SQS/,
    ],
    [
      'the role may not send traces',
      ['xray:PutTraceSegments'],
      { TracingConfig: { Mode: 'Active' } },
      'InvalidParameterValueException',
      /call PutTraceSegments on XRAY/,
    ],
    [
      'it sets a reserved variable',
      [],
      { Environment: { Variables: { AWS_REGION: 'x' } } },
      'InvalidParameterValueException',
      /AWS_REGION/,
    ],
    ['a property is unknown', [], { Colour: 'red' }, 'ValidationError', /Thing \(AWS::Lambda::Function\).*Colour/],
    ['a value is out of range', [], { Timeout: 901 }, 'ValidationError', /Timeout/],
  ])('fails when %s', async (_, denied, properties, code, message) => {
    const { makeFunction, denied: actions } = sandbox();
    for (const action of denied) actions.add(action);
    const making = makeFunction(ECHO, properties);
    await expect(making).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('fails when Lambda may not assume the role', async () => {
    const { AwsError } = await import('../../../sandbox/kernel/kernel.ts');
    const { makeFunction } = sandbox({
      assumeForService: () => {
        throw new AwsError('AccessDenied', 'no', 403);
      },
    });
    await expect(makeFunction(ECHO)).rejects.toThrow('The role defined for the function cannot be assumed by Lambda.');
  });
});

describe('Invoke', () => {
  it('answers with payload and version', async () => {
    const { makeFunction, call } = sandbox();
    await makeFunction(ECHO);
    const answer = await call('lambda', 'Invoke', { FunctionName: 'greet', Payload: Buffer.from('{"a":"ü"}') });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(payloadOf(answer)).toEqual({ event: { a: 'ü' }, version: '$LATEST' });
  });

  it('reports what the handler throws as a function error', async () => {
    const { makeFunction, call } = sandbox();
    await makeFunction("export const handler = async () => { throw new RangeError('too far') }");
    const answer = await call('lambda', 'Invoke', { FunctionName: 'greet' });
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(payloadOf(answer)).toMatchObject({ errorType: 'RangeError', errorMessage: 'too far' });
  });

  it('runs the version that an alias names, also after the function has changed', async () => {
    const { make, makeFunction, call } = sandbox();
    await makeFunction(ECHO);
    const version = await make('AWS::Lambda::Version', { FunctionName: 'greet' });
    expect(version.attributes).toMatchObject({ Version: '1' });
    const alias = await make('AWS::Lambda::Alias', { FunctionName: 'greet', FunctionVersion: '1', Name: 'live' });
    expect(alias.ref).toBe(`${ARN}:live`);
    const answer = await call('lambda', 'Invoke', { FunctionName: `${ARN}:live` });
    expect(payloadOf(answer).version).toBe('1');
    expect(await call('lambda', 'GetAlias', { FunctionName: 'greet', Name: 'live' })).toMatchObject({
      AliasArn: `${ARN}:live`,
      FunctionVersion: '1',
    });
  });

  it.each([
    [
      'of an unknown function',
      { FunctionName: 'other' },
      'ResourceNotFoundException',
      404,
      'Function not found: arn:aws:lambda:eu-central-1:111111111111:function:other',
    ],
    [
      'of an unknown alias',
      { FunctionName: 'greet', Qualifier: 'live' },
      'ResourceNotFoundException',
      404,
      `Function not found: ${ARN}:live`,
    ],
    [
      'in another Region',
      { FunctionName: ARN.replace('eu-central-1', 'us-east-1') },
      'ResourceNotFoundException',
      404,
      "Functions from 'us-east-1' are not reachable in this region ('eu-central-1')",
    ],
    [
      'with two qualifiers',
      { FunctionName: `${ARN}:live`, Qualifier: '1' },
      'InvalidParameterValueException',
      400,
      'The derived qualifier from the function name does not match the specified qualifier.',
    ],
    [
      'with more than 6 MB',
      { FunctionName: 'greet', Payload: Buffer.alloc(6_291_457) },
      'RequestTooLargeException',
      413,
      '6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)',
    ],
    [
      'with more than 1 MB, asynchronously',
      { FunctionName: 'greet', InvocationType: 'Event', Payload: Buffer.alloc(1_048_577) },
      'RequestTooLargeException',
      413,
      '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
    ],
    [
      'with a payload that is not JSON',
      { FunctionName: 'greet', Payload: Buffer.from('{') },
      'InvalidRequestContentException',
      400,
      expect.stringMatching(/^Could not parse request body into json/),
    ],
    ['with a log tail', { FunctionName: 'greet', LogType: 'Tail' }, 'NotModelled', 501, expect.any(String)],
  ])('fails %s', async (_, input, code, status, message) => {
    const { makeFunction, call } = sandbox();
    await makeFunction(ECHO);
    await expect(call('lambda', 'Invoke', input)).rejects.toMatchObject({ code, status, message });
  });

  it('does not run the function in a dry run', async () => {
    const { makeFunction, call, needs } = sandbox();
    await makeFunction("throw new Error('never loaded')");
    expect(await call('lambda', 'Invoke', { FunctionName: 'greet', InvocationType: 'DryRun' })).toEqual({
      StatusCode: 204,
    });
    expect(needs.at(-1)).toMatchObject({ action: 'lambda:InvokeFunction', resource: ARN });
  });

  it('is throttled at a reserved concurrency of 0, until that is lifted', async () => {
    const { makeFunction, call } = sandbox();
    await makeFunction(ECHO);
    await call('lambda', 'PutFunctionConcurrency', { FunctionName: 'greet', ReservedConcurrentExecutions: 0 });
    await expect(call('lambda', 'Invoke', { FunctionName: 'greet' })).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      status: 429,
      fields: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
    });
    await call('lambda', 'DeleteFunctionConcurrency', { FunctionName: 'greet' });
    expect(await call('lambda', 'Invoke', { FunctionName: 'greet' })).toMatchObject({ StatusCode: 200 });
  });
});

describe('the concurrency of an account', () => {
  const reserve = ({ call }: Services, ReservedConcurrentExecutions: number) =>
    call('lambda', 'PutFunctionConcurrency', { FunctionName: 'greet', ReservedConcurrentExecutions });
  const limits = async ({ call }: Services) => (await call('lambda', 'GetAccountSettings', {})).AccountLimit;

  it('is shared by all functions without a reservation', async () => {
    const services = sandbox();
    applyQuotas(services.kernel, { 'lambda/L-B99A9384': 2 });
    await services.makeFunction(SLOW);
    await services.makeFunction(SLOW, { FunctionName: 'other' });
    const invoke = (FunctionName: string) => services.call('lambda', 'Invoke', { FunctionName });
    const first = Promise.allSettled([invoke('greet'), invoke('other')]);
    await expect(invoke('greet')).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      status: 429,
      fields: { Reason: 'ConcurrentInvocationLimitExceeded' },
    });
    expect((await first).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(await invoke('greet')).toMatchObject({ StatusCode: 200 });
  });

  it('can be reserved except for 100', async () => {
    const services = sandbox();
    await services.makeFunction(ECHO);
    await expect(reserve(services, 901)).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message:
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
    });
    await reserve(services, 900);
    await reserve(services, 850);
    expect(await services.call('lambda', 'GetFunctionConcurrency', { FunctionName: 'greet' })).toEqual({
      ReservedConcurrentExecutions: 850,
    });
    expect(await limits(services)).toMatchObject({ ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 150 });
    await expect(
      services.makeFunction(ECHO, { FunctionName: 'other', ReservedConcurrentExecutions: 51 }),
    ).rejects.toThrow('below its minimum value of [100]');
  });

  it('of a new account cannot be reserved at all, but a function can be stopped', async () => {
    const services = sandbox();
    applyQuotas(services.kernel, { 'lambda/L-B99A9384': 10 });
    await services.makeFunction(ECHO);
    await expect(reserve(services, 1)).rejects.toThrow('below its minimum value of [10]');
    await reserve(services, 0);
    expect(await limits(services)).toMatchObject({ ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 });
  });
});

describe('a permission', () => {
  it('on an alias covers only the alias', async () => {
    const { make, makeFunction, call, needs } = sandbox();
    await makeFunction(ECHO);
    await make('AWS::Lambda::Version', { FunctionName: 'greet' });
    await make('AWS::Lambda::Alias', { FunctionName: 'greet', FunctionVersion: '1', Name: 'live' });
    await make('AWS::Lambda::Permission', {
      FunctionName: `${ARN}:live`,
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: 'arn:aws:events:eu-central-1:111111111111:rule/nightly',
      SourceAccount: '111111111111',
    });
    await call('lambda', 'Invoke', { FunctionName: 'greet', Qualifier: 'live' });
    expect(needs.at(-1)).toEqual({
      action: 'lambda:InvokeFunction',
      resource: `${ARN}:live`,
      resourcePolicy: {
        Version: '2012-10-17',
        Id: 'default',
        Statement: [
          {
            Sid: expect.stringMatching(/^Stack-Thing-/),
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'lambda:InvokeFunction',
            Resource: `${ARN}:live`,
            Condition: {
              StringEquals: { 'AWS:SourceAccount': '111111111111' },
              ArnLike: { 'AWS:SourceArn': 'arn:aws:events:eu-central-1:111111111111:rule/nightly' },
            },
          },
        ],
      },
    });
    await call('lambda', 'Invoke', { FunctionName: 'greet' });
    expect(needs.at(-1)).toEqual({ action: 'lambda:InvokeFunction', resource: ARN });
    const { Policy } = await call('lambda', 'GetPolicy', { FunctionName: 'greet', Qualifier: 'live' });
    expect(JSON.parse(Policy).Statement).toHaveLength(1);
    await expect(call('lambda', 'GetPolicy', { FunctionName: 'greet' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });

  it('needs a function that exists', async () => {
    const { make } = sandbox();
    const permission = { FunctionName: 'greet', Action: 'lambda:InvokeFunction', Principal: '222222222222' };
    await expect(make('AWS::Lambda::Permission', permission)).rejects.toThrow(`Function not found: ${ARN}`);
  });
});

describe('an asynchronous invocation', () => {
  const failing =
    "let calls = 0; export const handler = async (event) => { calls += 1; console.log(Date.now()); throw new Error('attempt ' + calls) }";
  const deadQueue = 'arn:aws:sqs:eu-central-1:111111111111:dead';
  const letters = async ({ call, kernel }: Services) => {
    const { Messages = [] } = await call('sqs', 'ReceiveMessage', {
      QueueUrl: `${kernel.endpoint}/111111111111/dead`,
      MaxNumberOfMessages: 10,
    });
    return Messages.map(({ Body }: { Body: string }) => JSON.parse(Body));
  };

  it('is accepted at once, and retried after one and three minutes', async () => {
    const services = sandbox();
    await services.make('AWS::SQS::Queue', { QueueName: 'dead' });
    await services.makeFunction(failing);
    await services.make('AWS::Lambda::EventInvokeConfig', {
      FunctionName: 'greet',
      Qualifier: '$LATEST',
      DestinationConfig: { OnFailure: { Destination: deadQueue } },
    });
    const input = { FunctionName: 'greet', InvocationType: 'Event', Payload: Buffer.from('{"id":7}') };
    expect(await services.call('lambda', 'Invoke', input)).toEqual({ StatusCode: 202 });
    await services.settled();
    expect(services.kernel.clock.now()).toBe(NOON + 180_000);
    expect(await letters(services)).toEqual([
      expect.objectContaining({
        version: '1.0',
        requestContext: expect.objectContaining({
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
          functionArn: `${ARN}:$LATEST`,
        }),
        requestPayload: { id: 7 },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: expect.objectContaining({ errorMessage: 'attempt 3' }),
      }),
    ]);
  });

  it('sends the event to the dead-letter queue', async () => {
    const services = sandbox();
    await services.make('AWS::SQS::Queue', { QueueName: 'dead' });
    await services.makeFunction(failing, { DeadLetterConfig: { TargetArn: deadQueue } });
    await services.make('AWS::Lambda::EventInvokeConfig', {
      FunctionName: 'greet',
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 0,
    });
    await services.call('lambda', 'Invoke', {
      FunctionName: 'greet',
      InvocationType: 'Event',
      Payload: Buffer.from('{"id":7}'),
    });
    await services.settled();
    expect(services.kernel.clock.now()).toBe(NOON);
    expect(await letters(services)).toEqual([{ id: 7 }]);
  });

  it('waits while the function is throttled', async () => {
    const services = sandbox();
    const { kernel, call } = services;
    await services.makeFunction(ECHO, { ReservedConcurrentExecutions: 0 });
    kernel.clock.after(20_000, () => void call('lambda', 'DeleteFunctionConcurrency', { FunctionName: 'greet' }));
    await call('lambda', 'Invoke', { FunctionName: 'greet', InvocationType: 'Event' });
    await services.settled();
    // Attempts after 1, 3, 7, 15 and 31 seconds.
    expect(kernel.clock.now()).toBe(NOON + 31_000);
  });
});

describe('answers', () => {
  it('describe functions, and their versions if requested', async () => {
    const { make, makeFunction, call } = sandbox();
    await makeFunction(ECHO, {
      Timeout: 7,
      Environment: { Variables: { TABLE: 'ledger' } },
      ReservedConcurrentExecutions: 4,
    });
    await make('AWS::Lambda::Version', { FunctionName: 'greet' });
    expect(await call('lambda', 'GetFunctionConfiguration', { FunctionName: 'greet' })).toMatchObject({
      FunctionName: 'greet',
      FunctionArn: ARN,
      Role: LAMBDA_ROLE,
      Timeout: 7,
      Environment: { Variables: { TABLE: 'ledger' } },
    });
    expect(await call('lambda', 'GetFunction', { FunctionName: 'greet' })).toMatchObject({
      Concurrency: { ReservedConcurrentExecutions: 4 },
    });
    const { Functions } = await call('lambda', 'ListFunctions', {});
    expect(Functions).toHaveLength(1);
    const all = await call('lambda', 'ListFunctions', { FunctionVersion: 'ALL', MaxItems: 1 });
    expect(all.Functions).toMatchObject([{ Version: '$LATEST' }]);
    const rest = await call('lambda', 'ListFunctions', { FunctionVersion: 'ALL', Marker: all.NextMarker });
    expect(rest.Functions).toMatchObject([{ Version: '1', FunctionArn: `${ARN}:1` }]);
  });

  it('name a missing alias', async () => {
    const { makeFunction, call } = sandbox();
    await makeFunction(ECHO);
    await expect(call('lambda', 'GetAlias', { FunctionName: 'greet', Name: 'live' })).rejects.toThrow(
      `Cannot find alias arn: ${ARN}:live`,
    );
  });
});
