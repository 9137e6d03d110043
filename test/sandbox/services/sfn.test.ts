import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sfn } from '../../../sandbox/services/sfn/index.ts';
import { executionSummary } from '../../../sandbox/services/sfn/summary.ts';
import { OWN_ACCOUNT, type TwoAccounts, twoAccounts } from '../support/two-accounts.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const ROLE = `arn:aws:iam::${OWN_ACCOUNT}:role/machine`;
const queueUrl = () => `${sandbox.endpoint}/${OWN_ACCOUNT}/work`;
const callbackMachine = () => ({
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: queueUrl(), MessageBody: { 'token.$': '$$.Task.Token', 'input.$': '$' } },
      TimeoutSeconds: 3600,
      HeartbeatSeconds: 600,
      Next: 'Done',
    },
    Done: { Type: 'Pass', End: true },
  },
});
const PASS_MACHINE = { StartAt: 'Only', States: { Only: { Type: 'Pass', End: true } } };
const WAIT_MACHINE = { StartAt: 'Only', States: { Only: { Type: 'Wait', Seconds: 60, End: true } } };
const FAIL_MACHINE = { StartAt: 'No', States: { No: { Type: 'Fail', Error: 'Refused', Cause: 'why' } } };

let sandbox: TwoAccounts;
const call = (operation: string, input: object = {}) => sandbox.as(OWN_ACCOUNT, 'sfn', operation, input);
const code = (name: string, message = '') =>
  expect.objectContaining({ code: name, message: expect.stringContaining(message) });

const allow = (actions: string[]) =>
  sandbox.as(OWN_ACCOUNT, 'iam', 'PutRolePolicy', {
    RoleName: 'machine',
    PolicyName: 'work',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
    }),
  });
const createRole = (RoleName: string, service: string) =>
  sandbox.as(OWN_ACCOUNT, 'iam', 'CreateRole', {
    RoleName,
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    }),
  });
const createMachine = async (definition: object, more: object = {}, name = 'machine'): Promise<string> => {
  const input = { name, definition: JSON.stringify(definition), roleArn: ROLE, ...more };
  return (await call('CreateStateMachine', input)).stateMachineArn;
};
const start = async (stateMachineArn: string, more: object = {}): Promise<string> =>
  (await call('StartExecution', { stateMachineArn, ...more })).executionArn;
const statusOf = async (executionArn: string) => (await call('DescribeExecution', { executionArn })).status;
const messages = async () => {
  const { Messages = [] } = await sandbox.as(OWN_ACCOUNT, 'sqs', 'ReceiveMessage', {
    QueueUrl: queueUrl(),
    MaxNumberOfMessages: 10,
  });
  return Messages.map(({ Body }: { Body: string }) => JSON.parse(Body));
};

beforeEach(async () => {
  sandbox = await twoAccounts();
  await sandbox.as(OWN_ACCOUNT, 'sqs', 'CreateQueue', { QueueName: 'work' });
  await createRole('machine', 'states.amazonaws.com');
  await allow(['sqs:SendMessage']);
});
afterEach(() => sandbox.close());

describe('a state machine', () => {
  it('is refused with all problems of its definition', async () => {
    const broken = { StartAt: 'A', States: { B: { Type: 'Pass' } } };
    await expect(createMachine(broken)).rejects.toEqual(code('InvalidDefinition', "Missing 'StartAt' target: A"));
    await expect(createMachine(broken)).rejects.toEqual(code('InvalidDefinition', 'exactly one of Next and End'));
  });
  it('needs a role that trusts Step Functions', async () => {
    await createRole('function', 'lambda.amazonaws.com');
    await expect(createMachine(PASS_MACHINE, { roleArn: `arn:aws:iam::${OWN_ACCOUNT}:role/function` })).rejects.toEqual(
      code('AccessDeniedException', 'authorized to assume the provided role'),
    );
  });
  it('requires permission of its creator to pass the role', async () => {
    await createRole('deployer', 'lambda.amazonaws.com');
    await sandbox.as(OWN_ACCOUNT, 'iam', 'PutRolePolicy', {
      RoleName: 'deployer',
      PolicyName: 'deploy',
      PolicyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"states:*","Resource":"*"}]}',
    });
    const deployer = sandbox.kernel.assumeForService(
      'lambda.amazonaws.com',
      `arn:aws:iam::${OWN_ACCOUNT}:role/deployer`,
      's',
    );
    const input = { name: 'machine', definition: JSON.stringify(PASS_MACHINE), roleArn: ROLE };
    await expect(sandbox.by(deployer, 'sfn', 'CreateStateMachine', input)).rejects.toEqual(
      code('AccessDeniedException', 'iam:PassRole'),
    );
  });
  it('requires permissions for log delivery in its role if it logs', async () => {
    const logs = {
      loggingConfiguration: {
        level: 'ERROR',
        destinations: [
          { cloudWatchLogsLogGroup: { logGroupArn: `arn:aws:logs:us-east-1:${OWN_ACCOUNT}:log-group:x:*` } },
        ],
      },
    };
    await expect(createMachine(PASS_MACHINE, logs)).rejects.toEqual(
      code('AccessDeniedException', 'The state machine IAM Role is not authorized to access the Log Destination'),
    );
    await allow(['logs:*']);
    expect(await createMachine(PASS_MACHINE, logs)).toBe(
      `arn:aws:states:us-east-1:${OWN_ACCOUNT}:stateMachine:machine`,
    );
  });
  it('is refused if its name exists with another definition', async () => {
    expect(await createMachine(PASS_MACHINE)).toBe(await createMachine(PASS_MACHINE));
    await expect(createMachine(WAIT_MACHINE)).rejects.toEqual(code('StateMachineAlreadyExists'));
  });
  it('is the same if it is created again, and refused with the same definition in another layout', async () => {
    const machine = await createMachine(PASS_MACHINE);
    expect(await createMachine(PASS_MACHINE)).toBe(machine);
    const definition = JSON.stringify(PASS_MACHINE, undefined, 2);
    await expect(call('CreateStateMachine', { name: 'machine', definition, roleArn: ROLE })).rejects.toEqual(
      code('StateMachineAlreadyExists', `State Machine Already Exists: '${machine}'`),
    );
  });

  it('can be deleted although it does not exist, and cannot be started afterwards', async () => {
    const stateMachineArn = `arn:aws:states:us-east-1:${OWN_ACCOUNT}:stateMachine:none`;
    await call('DeleteStateMachine', { stateMachineArn });
    await expect(start(stateMachineArn)).rejects.toEqual(
      code('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`),
    );
  });

  it('keeps the definition of its executions when it is updated', async () => {
    const machine = await createMachine(WAIT_MACHINE);
    const execution = await start(machine);
    await call('UpdateStateMachine', { stateMachineArn: machine, definition: JSON.stringify(PASS_MACHINE) });
    const description = await call('DescribeStateMachineForExecution', { executionArn: execution });
    expect(JSON.parse(description.definition)).toEqual(WAIT_MACHINE);
    expect(JSON.parse((await call('DescribeStateMachine', { stateMachineArn: machine })).definition)).toEqual(
      PASS_MACHINE,
    );
  });
  it('requires its role to use a customer managed key', async () => {
    const { KeyMetadata } = await sandbox.as(OWN_ACCOUNT, 'kms', 'CreateKey');
    const encryptionConfiguration = { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: KeyMetadata.Arn };
    const machine = await createMachine(PASS_MACHINE, { encryptionConfiguration });
    await expect(start(machine)).rejects.toEqual(code('KmsAccessDeniedException', 'kms:GenerateDataKey'));
    await allow(['kms:GenerateDataKey', 'kms:Decrypt']);
    expect(await start(machine)).toContain(':execution:machine:');
  });
  it('is created by a template with substitutions', async () => {
    const at = {
      ...place(),
      kernel: sandbox.kernel,
      principal: root(),
      requestId: 'r',
      state: sandbox.kernel.state(sfn, place()),
    };
    const { ref, attributes } = await sfn.resources!['AWS::StepFunctions::StateMachine']!.create(
      {
        StateMachineName: 'from-template',
        DefinitionString: JSON.stringify({
          StartAt: 'Only',
          States: { Only: { Type: 'Pass', Result: '${What} ${Else}', End: true } },
        }),
        DefinitionSubstitutions: { What: 'this' },
        RoleArn: ROLE,
        TracingConfiguration: { Enabled: true },
      },
      at,
      { logicalId: 'Machine', stack: 'stack' },
    );
    expect(attributes).toMatchObject({ Arn: ref, Name: 'from-template' });
    const execution = await start(ref);
    await sandbox.settled();
    expect(executionSummary(sandbox.kernel, execution).output).toBe('this ${Else}');
    const unknown = sfn.resources!['AWS::StepFunctions::StateMachine']!.create({ RoleArn: ROLE, Magic: 1 }, at, {
      logicalId: 'Machine',
      stack: 'stack',
    });
    await expect(Promise.resolve(unknown)).rejects.toEqual(code('ValidationError', 'Magic'));
  });
  it('has versions and aliases, which executions keep', async () => {
    const machine = await createMachine(PASS_MACHINE, { publish: true, versionDescription: 'first' });
    const description = await call('DescribeStateMachine', { stateMachineArn: `${machine}:1` });
    expect(description).toMatchObject({ stateMachineArn: `${machine}:1`, description: 'first' });
    await call('UpdateStateMachine', { stateMachineArn: machine, definition: JSON.stringify(FAIL_MACHINE) });
    const execution = await start(`${machine}:1`);
    await sandbox.settled();
    expect(await call('DescribeExecution', { executionArn: execution })).toMatchObject({
      status: 'SUCCEEDED',
      stateMachineVersionArn: `${machine}:1`,
    });
  });
});

describe('starting an execution', () => {
  it('is idempotent with the same name and input while it runs', async () => {
    const stateMachineArn = await createMachine(WAIT_MACHINE);
    const first = await call('StartExecution', { stateMachineArn, name: 'one', input: '{"a":1}' });
    const again = await call('StartExecution', { stateMachineArn, name: 'one', input: '{"a":1}' });
    expect(again).toEqual(first);
    const other = call('StartExecution', { stateMachineArn, name: 'one', input: '{"a":2}' });
    await expect(other).rejects.toEqual(code('ExecutionAlreadyExists', `'${first.executionArn}'`));
  });
  it('is refused under the name of a closed execution for 90 days', async () => {
    const machine = await createMachine(PASS_MACHINE);
    await start(machine, { name: 'one' });
    await sandbox.settled();
    await expect(start(machine, { name: 'one' })).rejects.toEqual(code('ExecutionAlreadyExists'));
    await sandbox.kernel.clock.advance(91 * DAY_MS);
    expect(await start(machine, { name: 'one' })).toContain(':machine:one');
  });
  it.each<[why: string, more: object, error: string, message?: string]>([
    ['a name of 81 characters', { name: 'n'.repeat(81) }, 'InvalidName'],
    ['a name with a space', { name: 'a b' }, 'InvalidName'],
    ['a name with a colon', { name: 'a:b' }, 'InvalidName'],
    ['input that is not JSON', { input: '{' }, 'InvalidExecutionInput'],
    ['empty input', { input: '' }, 'InvalidExecutionInput', "Input: 'Invalid execution input.'"],
    [
      'input that is a word',
      { input: 'not some json' },
      'InvalidExecutionInput',
      "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    ],
    ['input of more than 256 KiB', { input: JSON.stringify('x'.repeat(256 * 1024)) }, 'ValidationException'],
    [
      'an unknown machine',
      { stateMachineArn: `arn:aws:states:us-east-1:${OWN_ACCOUNT}:stateMachine:no` },
      'StateMachineDoesNotExist',
    ],
    ['an invalid ARN', { stateMachineArn: 'machine' }, 'InvalidArn'],
  ])('is refused for %s', async (_, more, error, message) => {
    await expect(start(await createMachine(PASS_MACHINE), more)).rejects.toEqual(code(error, message));
  });
  it.each(['2', '"text"', 'null'])('takes the input %s, which is JSON', async (input) => {
    const execution = await start(await createMachine(PASS_MACHINE), { input });
    await sandbox.settled();
    expect((await call('DescribeExecution', { executionArn: execution })).output).toBe(input);
  });

  it('is throttled beyond the quota', async () => {
    const machine = await createMachine(PASS_MACHINE);
    const starts = Array.from({ length: 1301 }, (_, index) =>
      start(machine, { name: `n${index}`, input: '{' }).catch((error) => error.code),
    );
    const codes = await Promise.all(starts);
    expect(codes.filter((each) => each === 'ThrottlingException')).toHaveLength(1);
  });
  it('works over the wire', async () => {
    const stateMachineArn = await createMachine(PASS_MACHINE);
    const client = new SFNClient(sandbox.administrator(OWN_ACCOUNT));
    const { executionArn, startDate } = await client.send(
      new StartExecutionCommand({ stateMachineArn, input: '{"é":1}' }),
    );
    await sandbox.settled();
    expect(startDate).toBeInstanceOf(Date);
    expect(executionSummary(sandbox.kernel, executionArn!).output).toEqual({ é: 1 });
    client.destroy();
  });
});

describe('a task token', () => {
  async function waiting() {
    const execution = await start(await createMachine(callbackMachine()), { input: '{"id":7}' });
    await sandbox.settled();
    const [{ token: taskToken, input }] = await messages();
    return { execution, taskToken, input };
  }

  it('is in the message, and its success becomes the result', async () => {
    const { execution, taskToken, input } = await waiting();
    expect([input, await statusOf(execution)]).toEqual([{ id: 7 }, 'RUNNING']);
    await call('SendTaskSuccess', { taskToken, output: '{"ok":true}' });
    await sandbox.settled();
    expect(executionSummary(sandbox.kernel, execution)).toEqual({
      status: 'SUCCEEDED',
      error: undefined,
      cause: undefined,
      path: ['Ask', 'Done'],
      outputs: { Ask: { ok: true }, Done: { ok: true } },
      transitions: 2,
      input: { id: 7 },
      output: { ok: true },
    });
  });
  it('passes on a failure', async () => {
    const { execution, taskToken } = await waiting();
    await call('SendTaskFailure', { taskToken, error: 'Denied', cause: 'not today' });
    await sandbox.settled();
    expect(await call('DescribeExecution', { executionArn: execution })).toMatchObject({
      status: 'FAILED',
      error: 'Denied',
      cause: 'not today',
    });
  });
  it('is kept alive by heartbeats', async () => {
    const { execution, taskToken } = await waiting();
    await sandbox.kernel.clock.advance(590_000);
    await call('SendTaskHeartbeat', { taskToken });
    await sandbox.kernel.clock.advance(590_000);
    expect(await statusOf(execution)).toBe('RUNNING');
    await sandbox.kernel.clock.advance(20_000);
    expect(await call('DescribeExecution', { executionArn: execution })).toMatchObject({
      status: 'FAILED',
      error: 'States.Timeout',
    });
    await expect(call('SendTaskHeartbeat', { taskToken })).rejects.toEqual(
      code('TaskTimedOut', 'Provided task does not exist anymore'),
    );
  });
  it('is refused after its use, and if it is invalid', async () => {
    const { execution, taskToken } = await waiting();
    await expect(call('SendTaskSuccess', { taskToken: 'invalid', output: '{}' })).rejects.toEqual(code('InvalidToken'));
    await expect(call('SendTaskSuccess', { taskToken, output: '{' })).rejects.toEqual(code('InvalidOutput'));
    await call('SendTaskSuccess', { taskToken, output: '{}' });
    await sandbox.settled();
    await expect(call('SendTaskSuccess', { taskToken, output: '{}' })).rejects.toEqual(code('TaskTimedOut'));
    const stranger = Buffer.from(JSON.stringify({ execution: `${execution}x`, task: 't' })).toString('base64');
    await expect(call('SendTaskSuccess', { taskToken: stranger, output: '{}' })).rejects.toEqual(
      code('TaskDoesNotExist'),
    );
  });
  it('is accepted from a caller with permission on the machine', async () => {
    const { taskToken } = await waiting();
    const send = async () => {
      const machine = sandbox.kernel.assumeForService('states.amazonaws.com', ROLE, 'session');
      await sandbox.by(machine, 'sfn', 'SendTaskSuccess', { taskToken, output: '{}' });
    };
    await expect(send()).rejects.toEqual(code('AccessDeniedException', ':stateMachine:machine'));
    await allow(['states:SendTaskSuccess']);
    await send();
  });
});

describe('a task that waits for a nested execution', () => {
  const NESTED = ['states:StartExecution', 'states:DescribeExecution', 'states:StopExecution'];
  const RULE = ['events:PutRule', 'events:PutTargets', 'events:DescribeRule'];
  const parentOf = (StateMachineArn: string) => ({
    StartAt: 'Nested',
    States: {
      Nested: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Parameters: { StateMachineArn, 'Input.$': '$' },
        End: true,
      },
    },
  });
  async function startNested(child: object): Promise<{ parent: string; nested: string }> {
    const childArn = await createMachine(child, {}, 'child');
    const parent = await start(await createMachine(parentOf(childArn), {}, 'parent'), { input: '{"a":1}' });
    await sandbox.settled();
    const { executions } = await call('ListExecutions', { stateMachineArn: childArn });
    return { parent, nested: executions[0].executionArn };
  }
  beforeEach(() => allow([...NESTED, ...RULE, 'sqs:SendMessage']));

  it('gets its input and output as JSON', async () => {
    const { parent, nested } = await startNested(WAIT_MACHINE);
    expect(executionSummary(sandbox.kernel, parent).status).toBe('SUCCEEDED');
    expect(executionSummary(sandbox.kernel, parent).output).toMatchObject({
      ExecutionArn: nested,
      Status: 'SUCCEEDED',
      Input: { a: 1 },
      Output: { a: 1 },
    });
  });
  it('has no token of its own, and ends with the answer to the token of the nested execution', async () => {
    const { parent, nested } = await startNested(callbackMachine());
    expect([await statusOf(parent), await statusOf(nested)]).toEqual(['RUNNING', 'RUNNING']);
    const { events } = await call('GetExecutionHistory', { executionArn: parent });
    const [{ token: taskToken }] = await messages();
    expect(JSON.stringify(events)).not.toContain(taskToken);
    expect(events.at(-1)).toMatchObject({ type: 'TaskSubmitted' });
    await call('SendTaskSuccess', { taskToken, output: '"yes"' });
    await sandbox.settled();
    expect(executionSummary(sandbox.kernel, parent).output).toMatchObject({ Output: 'yes' });
  });
  it('fails with States.TaskFailed and the end of the nested execution', async () => {
    const { parent } = await startNested(FAIL_MACHINE);
    const { error, cause } = executionSummary(sandbox.kernel, parent);
    expect([error, JSON.parse(cause!)]).toMatchObject([
      'States.TaskFailed',
      { Status: 'FAILED', Error: 'Refused', Cause: 'why' },
    ]);
  });
  it('stops it when it is stopped', async () => {
    const { parent, nested } = await startNested(callbackMachine());
    await call('StopExecution', { executionArn: parent });
    await sandbox.settled();
    expect([await statusOf(parent), await statusOf(nested)]).toEqual(['ABORTED', 'ABORTED']);
  });
  it('needs the permission to create the rule that reports its end', async () => {
    await allow([...NESTED, ...RULE.slice(1)]);
    const machine = createMachine(parentOf(`arn:aws:states:us-east-1:${OWN_ACCOUNT}:stateMachine:child`));
    await expect(machine).rejects.toEqual(
      code('AccessDeniedException', `'${ROLE}' is not authorized to create managed-rule.`),
    );
  });
  it('needs the permission to describe it', async () => {
    await allow([...RULE, 'states:StartExecution']);
    const { parent } = await startNested(PASS_MACHINE);
    expect(executionSummary(sandbox.kernel, parent)).toMatchObject({
      error: 'StepFunctions.AWSStepFunctionsException',
      cause: expect.stringContaining('states:DescribeExecution'),
    });
  });
});

describe('a redrive', () => {
  it('resumes after the cause is fixed', async () => {
    await allow(['sqs:ListQueues']);
    const execution = await start(await createMachine(callbackMachine()));
    await sandbox.settled();
    expect(await call('DescribeExecution', { executionArn: execution })).toMatchObject({
      status: 'FAILED',
      error: 'SQS.AmazonSQSException',
      cause: expect.stringMatching(
        /is not authorized to perform: sqs:SendMessage.*Status Code: 40[03]; Error Code: AccessDenied/i,
      ),
      redriveStatus: 'REDRIVABLE',
      redriveCount: 0,
    });
    await allow(['sqs:SendMessage']);
    const { redriveDate } = await call('RedriveExecution', { executionArn: execution });
    await sandbox.settled();
    const [{ token: taskToken }] = await messages();
    await call('SendTaskSuccess', { taskToken, output: '{}' });
    await sandbox.settled();
    expect(await call('DescribeExecution', { executionArn: execution })).toMatchObject({
      status: 'SUCCEEDED',
      error: undefined,
      redriveCount: 1,
      redriveDate,
      redriveStatus: 'NOT_REDRIVABLE',
    });
    expect(executionSummary(sandbox.kernel, execution).path).toEqual(['Ask', 'Done']);
  });
  it('is refused while the execution runs and after it succeeded', async () => {
    const executionArn = await start(await createMachine(WAIT_MACHINE));
    const refused = (status: string) => code('ExecutionNotRedrivable', `Execution is ${status} and cannot be redriven`);
    await expect(call('RedriveExecution', { executionArn })).rejects.toEqual(refused('RUNNING'));
    await sandbox.settled();
    await expect(call('RedriveExecution', { executionArn })).rejects.toEqual(refused('SUCCEEDED'));
  });
  it('is refused after 14 days', async () => {
    const executionArn = await start(await createMachine(FAIL_MACHINE));
    await sandbox.kernel.clock.advance(14 * DAY_MS + 1);
    await expect(call('RedriveExecution', { executionArn })).rejects.toEqual(
      code('ExecutionNotRedrivable', 'Execution redrivable period exceeded'),
    );
    expect(await call('DescribeExecution', { executionArn })).toMatchObject({
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution redrivable period exceeded',
    });
  });
  it('with the same client token happens once', async () => {
    const executionArn = await start(await createMachine(FAIL_MACHINE));
    await sandbox.settled();
    const first = await call('RedriveExecution', { executionArn, clientToken: 'token' });
    await sandbox.settled();
    expect(await call('RedriveExecution', { executionArn, clientToken: 'token' })).toEqual(first);
    expect((await call('DescribeExecution', { executionArn })).redriveCount).toBe(1);
  });
});

describe('reading executions', () => {
  it('returns the history in pages, in either order, with or without data', async () => {
    const executionArn = await start(await createMachine(PASS_MACHINE), { input: '{"secret":1}' });
    await sandbox.settled();
    const page = await call('GetExecutionHistory', { executionArn, maxResults: 3 });
    expect(page.events.map(({ type }: { type: string }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
    ]);
    const rest = await call('GetExecutionHistory', { executionArn, maxResults: 3, nextToken: page.nextToken });
    expect([rest.events.length, rest.nextToken]).toEqual([1, undefined]);
    const latest = await call('GetExecutionHistory', { executionArn, reverseOrder: true, includeExecutionData: false });
    expect(latest.events.map(({ id }: { id: number }) => id)).toEqual([4, 3, 2, 1]);
    expect(JSON.stringify(latest)).not.toContain('secret');
    expect(latest.events[1].stateExitedEventDetails).toEqual({ name: 'Only' });
  });
  it('lists the latest first, by status and redrive, in pages', async () => {
    const machine = await createMachine(FAIL_MACHINE);
    for (const name of ['a', 'b', 'c']) {
      await start(machine, { name });
      await sandbox.kernel.clock.advance(1000);
    }
    await call('RedriveExecution', { executionArn: `arn:aws:states:us-east-1:${OWN_ACCOUNT}:execution:machine:b` });
    await sandbox.settled();
    const names = async (filter: object) => {
      const { executions } = await call('ListExecutions', { stateMachineArn: machine, ...filter });
      return executions.map(({ name }: { name: string }) => name);
    };
    expect(await names({})).toEqual(['c', 'b', 'a']);
    expect(await names({ maxResults: 1 })).toEqual(['c']);
    expect(await names({ statusFilter: 'FAILED' })).toHaveLength(3);
    expect(await names({ statusFilter: 'RUNNING' })).toEqual([]);
    expect(await names({ redriveFilter: 'REDRIVEN' })).toEqual(['b']);
    expect(await names({ redriveFilter: 'NOT_REDRIVEN' })).toEqual(['c', 'a']);
  });
  it('returns error and cause of a stopped execution', async () => {
    const executionArn = await start(await createMachine(WAIT_MACHINE));
    await call('StopExecution', { executionArn, error: 'Halted', cause: 'by hand' });
    expect(await call('DescribeExecution', { executionArn })).toMatchObject({
      status: 'ABORTED',
      error: 'Halted',
      cause: 'by hand',
    });
  });
  it('refuses an unknown execution', async () => {
    const executionArn = `arn:aws:states:us-east-1:${OWN_ACCOUNT}:execution:machine:no`;
    await expect(call('DescribeExecution', { executionArn })).rejects.toEqual(code('ExecutionDoesNotExist'));
  });
  it('emits an event for every change of status', async () => {
    const QueueArn = `arn:aws:sqs:us-east-1:${OWN_ACCOUNT}:work`;
    const statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: QueueArn };
    const Attributes = { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) };
    await sandbox.as(OWN_ACCOUNT, 'sqs', 'SetQueueAttributes', { QueueUrl: queueUrl(), Attributes });
    await sandbox.as(OWN_ACCOUNT, 'eventbridge', 'PutRule', { Name: 'all', EventPattern: '{"source":["aws.states"]}' });
    await sandbox.as(OWN_ACCOUNT, 'eventbridge', 'PutTargets', {
      Rule: 'all',
      Targets: [{ Id: 'queue', Arn: QueueArn }],
    });
    const executionArn = await start(await createMachine(FAIL_MACHINE), { name: 'one', input: '{"a":1}' });
    await sandbox.settled();
    const events = await messages();
    expect(events.map(({ detail }: any) => detail.status)).toEqual(['RUNNING', 'FAILED']);
    expect(events[1]).toMatchObject({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      resources: [executionArn],
      detail: {
        name: 'one',
        input: '{"a":1}',
        inputDetails: { included: true },
        output: null,
        error: 'Refused',
        cause: 'why',
        redriveStatus: 'REDRIVABLE',
      },
    });
  });
});

const place = () => ({ partition: 'aws', account: OWN_ACCOUNT, region: 'us-east-1' });
const root = () => ({ kind: 'root' as const, arn: `arn:aws:iam::${OWN_ACCOUNT}:root`, account: OWN_ACCOUNT });
