/**
 * The functions of remediations have no alarms. Each of their failures reaches the two alarms that people get instead:
 * errors of the proxy at the first attempt, failed executions when no attempt is left.
 */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { throttled } from '../../sandbox/kernel/faults.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { stateMachineArn } from '../../stacks/names.ts';
import { ACQUIRED, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
});
afterAll(() => suture.sandbox.close());

const isBy = ({ principal }: Parameters<FaultRule>[0], role: string) =>
  principal.kind === 'session' && principal.role.endsWith(`/${role}`);
const remediationAssumesRole = (call: Parameters<FaultRule>[0]) =>
  call.operation === 'AssumeRole' && isBy(call, 'suture-ec2-close-admin-ports');

/** Each attempt that failed: its error, and the function that the workflow had invoked. */
async function failedAttempts(executionArn: string) {
  const history = new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 });
  const { events = [] } = await new SFNClient(suture.securityAdministrator()).send(history);
  let invoked: string | undefined;
  return events.flatMap(({ taskScheduledEventDetails: scheduled, taskFailedEventDetails: failed }) => {
    if (scheduled) invoked = JSON.parse(scheduled.parameters!).FunctionName;
    return failed ? [{ error: failed.error, invoked }] : [];
  });
}

async function watched(AlarmName: string) {
  const command = new DescribeAlarmsCommand({ AlarmNames: [AlarmName] });
  const [alarm] = (await new CloudWatchClient(suture.securityAdministrator()).send(command)).MetricAlarms!;
  const { Namespace, MetricName, Dimensions = [], Threshold } = alarm!;
  return { Namespace, MetricName, of: Dimensions.map(({ Value }) => Value), Threshold };
}

const FAILURES: readonly (readonly [failure: string, error: string, account: string, fault: FaultRule])[] = [
  ['throws', 'MemberRoleUnavailable', ACQUIRED, () => undefined],
  [
    'is killed, at every attempt',
    'ServiceUnavailable',
    SHOP,
    (call) => (remediationAssumesRole(call) ? { kind: 'killBefore' } : undefined),
  ],
  [
    'times out, at every attempt',
    'ServiceUnavailable',
    SHOP,
    (call) => (remediationAssumesRole(call) ? { kind: 'late', seconds: 301 } : undefined),
  ],
  [
    'is throttled by Lambda, at every attempt',
    'Throttled',
    SHOP,
    (call) => (call.operation === 'Invoke' && isBy(call, 'suture-invoker') ? throttled(call) : undefined),
  ],
];

describe('if the function of a remediation', () => {
  it.each(FAILURES)(
    '%s, each attempt is an error of the proxy, and the last fails the execution with %s',
    async (...row) => {
      const [, error, account, fault] = row;
      const finding = await suture.arrange('EC2.13', { account });
      const [trace] = await suture.withFaults([fault], () => suture.process(finding));
      expect(trace.execution).toMatchObject({ status: 'FAILED', error: { name: error } });
      const attempts = await failedAttempts(trace.execution!.arn);
      expect(attempts.length).toBeGreaterThan(0);
      for (const { error: named, invoked } of attempts) {
        expect(named).toBe(error);
        expect(invoked).toMatch(/:function:suture-proxy(:|$)/);
      }
    },
  );
});

describe('the alarms', () => {
  it('watch the errors of the proxy and the failed executions of the workflow, from the first one', async () => {
    expect(await watched('suture-proxy-errors')).toEqual({
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      of: ['suture-proxy'],
      Threshold: 0,
    });
    expect(await watched('suture-executions-failed')).toEqual({
      Namespace: 'AWS/States',
      MetricName: 'ExecutionsFailed',
      of: [stateMachineArn(suture.context)],
      Threshold: 0,
    });
  });
});
