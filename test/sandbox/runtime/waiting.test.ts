/** Functions wait over the wire for an answer that takes virtual time. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { limitInstances, runFunction } from '../../../sandbox/runtime/pool.ts';
import { lambda } from '../../../sandbox/services/lambda/index.ts';
import { bundle, functionCode } from '../support/runtime-kernel.ts';

const OWN = '111122223333';
const REGION = 'us-east-1';
const PLACE = { partition: 'aws', account: OWN, region: REGION };
const ROLE = `arn:aws:iam::${OWN}:role/waiter`;
let sandbox: Sandbox;

beforeAll(async () => {
  const organization = { id: 'o-exampleorgid', managementAccount: OWN, accounts: [{ id: OWN, name: 'own' }] };
  sandbox = await createSandbox({ organization, homeRegion: REGION });
  limitInstances(sandbox.kernel, 1);
  const allow = (more: object) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...more }] });
  await as('iam', 'CreateRole', {
    RoleName: 'waiter',
    AssumeRolePolicyDocument: allow({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }),
  });
  await as('iam', 'PutRolePolicy', {
    RoleName: 'waiter',
    PolicyName: 'all',
    PolicyDocument: allow({ Action: ['sqs:*', 'lambda:*'], Resource: '*' }),
  });
  await as('sqs', 'CreateQueue', { QueueName: 'work' });
});
afterAll(() => sandbox.close());

const as = (service: string, operation: string, input: object): Promise<any> =>
  sandbox.kernel.call(sandbox.kernel.administrator!(OWN), PLACE, service, operation, input);

const queueUrl = () => `${sandbox.endpoint}/${OWN}/work`;
const receive = () =>
  `new sdk.SQSClient().send(new sdk.ReceiveMessageCommand({ QueueUrl: '${queueUrl()}', WaitTimeSeconds: 5 }))`;

async function run(client: string, body: string): Promise<{ answer: unknown; seconds: number }> {
  const source = `import * as sdk from '${import.meta.resolve(`@aws-sdk/client-${client}`)}';
    export const handler = async () => { ${body} };`;
  const code = functionCode(source, { account: OWN, region: REGION, role: ROLE, revision: source, timeoutSeconds: 60 });
  const started = sandbox.kernel.clock.now();
  const outcome = await runFunction(sandbox.kernel, { code, event: '{}', invokedArn: code.arn, requestId: 'r' });
  if (outcome.kind === 'failed') throw new Error(JSON.stringify(outcome.error));
  return { answer: JSON.parse(outcome.payload), seconds: (sandbox.kernel.clock.now() - started) / 1000 };
}

it('answers a function that polls an empty queue after the wait time', async () => {
  expect(await run('sqs', `return (await ${receive()}).Messages ?? 'none'`)).toEqual({ answer: 'none', seconds: 5 });
});

it('answers such a function late if a fault delays the call', async () => {
  const { faults } = sandbox.kernel;
  faults.push(({ instance, operation }) =>
    instance && operation === 'ReceiveMessage' ? { kind: 'late', seconds: 20 } : undefined,
  );
  try {
    expect(await run('sqs', `return (await ${receive()}).Messages ?? 'none'`)).toEqual({ answer: 'none', seconds: 25 });
  } finally {
    faults.pop();
  }
});

it('answers a function that invokes another one when that one ends, also with few instances', async () => {
  const { kernel } = sandbox;
  const properties = {
    FunctionName: 'slow',
    Code: {
      directory: bundle(
        "export const handler = async () => { await new Promise((resolve) => setTimeout(resolve, 30_000)); return 'slept' }",
      ),
    },
    Role: ROLE,
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Timeout: 40,
  };
  const at = {
    ...PLACE,
    kernel,
    principal: kernel.administrator!(OWN),
    requestId: 'r',
    state: kernel.state(lambda, PLACE),
  };
  await lambda.resources!['AWS::Lambda::Function']!.create(properties, at, { logicalId: 'Slow', stack: 'Stack' });
  const invoke = "new sdk.LambdaClient().send(new sdk.InvokeCommand({ FunctionName: 'slow' }))";
  expect(await run('lambda', `return JSON.parse(Buffer.from((await ${invoke}).Payload).toString())`)).toEqual({
    answer: 'slept',
    seconds: 30,
  });
});

it('answers one of two functions that poll the same queue with a message, and the other after its wait time', async () => {
  limitInstances(sandbox.kernel, 2);
  const message = (who: string) => `return (await ${receive()}).Messages?.[0].Body ?? 'none for ${who}'`;
  sandbox.kernel.clock.after(1000, () => void as('sqs', 'SendMessage', { QueueUrl: queueUrl(), MessageBody: 'work' }));
  const [one, other] = await Promise.all([run('sqs', message('one')), run('sqs', message('other'))]);
  expect([one!.answer, other!.answer]).toContain('work');
  expect([one!.answer, other!.answer].sort()[0]).toMatch(/^none for/);
});
