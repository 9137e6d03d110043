/** A new AWS account can run 10 functions at once. Suture deploys there, and everything waits and retries. */
import { LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SQS } from '../../sandbox/services/sqs/state.ts';
import { DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const QUOTA = 10;

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline({ quotas: { 'lambda/L-B99A9384': QUOTA } });
  await suture.setPolicy({ ...TEST_POLICY, caps: { perAccountAndHour: 500, perRemediationAndHour: 1000 } });
});
afterAll(() => suture.sandbox.close());

/** Names of Suture's queues that hold messages. */
function filledQueues(): string[] {
  const { partition, securityAccount: account, homeRegion: region } = suture.context;
  const { queues } = suture.kernel.state(SQS, { partition, account, region });
  return [...queues.values()].filter(({ ready, hidden }) => ready.size + hidden.size > 0).map(({ name }) => name);
}

const throttledCalls = () =>
  suture.kernel.calls.filter(({ service, error }) => service === 'lambda' && error === 'TooManyRequestsException');

it('processes 160 findings that arrive together, and loses none', async () => {
  const arrange = async (count: number, control: string, account: string) => {
    const findings = [];
    for (let n = 0; n < count; n += 1) {
      findings.push(await suture.arrange(control, { account }));
      // EC2 takes five changes a second.
      await suture.kernel.clock.advance(1000);
    }
    return findings;
  };
  const open = [...(await arrange(40, 'EC2.13', SHOP)), ...(await arrange(40, 'EC2.13', DATA))];
  const observed = await arrange(40, 'EC2.14', SHOP);
  const suppressed = await arrange(40, 'EC2.13', TRAINING);

  const traces = await suture.process(...open, ...observed, ...suppressed);
  const ends = (from: number, count: number) => new Set(traces.slice(from, from + count).map(({ outcome }) => outcome));
  expect(throttledCalls().length).toBeGreaterThan(100);
  expect(ends(0, 80)).toEqual(new Set(['FIXED']));
  expect(ends(80, 40)).toEqual(new Set(['PLANNED']));
  expect(ends(120, 40)).toEqual(new Set(['ARCHIVED']));
  const statuses = (findings: readonly (typeof open)[number][]) =>
    new Set(findings.map((finding) => suture.securityHub(finding).status));
  expect(statuses(open)).toEqual(new Set(['NOTIFIED']));
  expect(statuses(suppressed)).toEqual(new Set(['SUPPRESSED']));
  expect(filledQueues()).toEqual([]);
});

it('refuses any reservation of concurrency', async () => {
  const lambda = new LambdaClient(suture.sandbox.administrator(suture.context.securityAccount));
  const reserve = new PutFunctionConcurrencyCommand({ FunctionName: 'suture-proxy', ReservedConcurrentExecutions: 1 });
  await expect(lambda.send(reserve)).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: expect.stringContaining('below its minimum value of [10]'),
  });
});
