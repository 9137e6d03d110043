/** Failed executions: recorded by their events, and found when the events got lost; what failed is open no more. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ListExecutionsCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerQueries } from '../../functions/ports/ledger-queries.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { LEDGER_TABLE, stateMachineArn } from '../../stacks/names.ts';
import { ACQUIRED, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { POLICY } from '../support/policy.ts';

const HOUR = 3_600_000;

let suture: Pipeline;
/** Anew each time: an administrator's credentials last an hour. */
const settings = () => suture.sandbox.administrator(suture.context.securityAccount);
const ledger = (): LedgerQueries => ledgerQueries(LEDGER_TABLE, new DynamoDBClient(settings()));

beforeAll(async () => {
  suture = await startPipeline();
});
afterAll(() => suture.sandbox.close());

const denied: FaultRule = ({ operation }) =>
  operation === 'RevokeSecurityGroupIngress'
    ? { kind: 'error', code: 'UnauthorizedOperation', status: 403 }
    : undefined;

/** While `work` runs, nobody hears of executions that fail. */
async function unheard<T>(work: () => Promise<T>): Promise<T> {
  const events = () => new EventBridgeClient(settings());
  await events().send(new DisableRuleCommand({ Name: 'suture-failures' }));
  try {
    return await work();
  } finally {
    await events().send(new EnableRuleCommand({ Name: 'suture-failures' }));
  }
}

describe('an execution that fails', () => {
  it('counts once, however often it is said, and not at all as failed after its redrive succeeded', async () => {
    const finding = await suture.arrange('EC2.13');
    const [trace] = await suture.withFaults([denied], () => suture.deal(finding));
    expect(await ledger().record(finding.Id)).toMatchObject({
      ofStatus: 'FAILED',
      error: trace.execution!.error!.name,
    });
    await suture.redrive(trace.execution!.arn);
    expect(await ledger().record(finding.Id)).toMatchObject({ ofStatus: 'FIXED' });
    expect((await ledger().record(finding.Id))!.error).toBeUndefined();
    expect((await ledger().history(finding.Id)).map(({ outcome }) => outcome)).toEqual(['FIXED']);
    expect(await ledger().list({ status: 'FAILED', resource: finding.Resources[0]!.Id })).toMatchObject({ items: [] });
  });

  it('in triage is known by the names that its finding gives, and takes nothing from what is known of it', async () => {
    await suture.untilTheNextHour();
    const [fixed, other] = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    await suture.deal(fixed);
    await suture.setPolicy({ ...POLICY, caps: { ...POLICY.caps, executionsPerHour: 1 } });
    const again = { ...fixed, Workflow: { Status: 'NEW' } };
    const executions = [suture.emit([again]), suture.emit([other])];
    await suture.sandbox.settled();
    await suture.setPolicy(POLICY);
    expect(executions).toHaveLength(2);
    expect(await ledger().record(fixed.Id)).toMatchObject({ ofStatus: 'FIXED' });
    expect((await ledger().history(fixed.Id)).map(({ outcome }) => outcome)).toEqual(['FIXED', 'FAILED']);
    expect(await ledger().record(other.Id)).toMatchObject({
      ofStatus: 'FAILED',
      error: 'CapReached',
      ofControl: 'EC2.13',
      ofAccount: SHOP,
      ofResource: other.Resources[0]!.Id,
    });
    const [line] = await ledger().history(other.Id);
    expect(line!.failure).toMatchObject({ state: 'Triage' });
  });

  it('is found within hours when its event got lost', async () => {
    const finding = await suture.arrange('EC2.13', { account: ACQUIRED });
    await unheard(() => suture.deal(finding));
    expect(await ledger().record(finding.Id)).toMatchObject({ ofStatus: 'OPEN' });
    await suture.kernel.clock.advance(4 * HOUR);
    expect(await ledger().record(finding.Id)).toMatchObject({ ofStatus: 'FAILED', error: 'MemberRoleUnavailable' });
  });
  it('is found even if it never opened a record', async () => {
    await suture.setPolicy({ ...POLICY, caps: { ...POLICY.caps, executionsPerHour: 1 } });
    const findings = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    await unheard(() => suture.deal(...findings));
    await suture.setPolicy(POLICY);
    const known = async () => Promise.all(findings.map(({ Id }) => ledger().history(Id)));
    const before = (await known()).filter((lines) => lines.length === 0).length;
    expect(before).toBeGreaterThan(0);
    await suture.kernel.clock.advance(4 * HOUR);
    expect((await known()).filter((lines) => lines.length === 0)).toEqual([]);
  });
  it('is looked for from where the last look ended', async () => {
    const { Item } = await new DynamoDBClient(settings()).send(
      new GetItemCommand({
        TableName: LEDGER_TABLE,
        Key: { pk: { S: 'watermarks' }, sk: { S: 'orphaned-executions' } },
      }),
    );
    const until = Number(Item!.until!.N);
    expect(until).toBeGreaterThan(suture.kernel.clock.now() - 4 * HOUR);
    expect(until).toBeLessThan(suture.kernel.clock.now());
  });
});

describe('an execution that waits for a person', () => {
  it('stands as waiting, and as failed when somebody stops it', async () => {
    await suture.setPolicy({ ...POLICY, controls: { ...POLICY.controls, 'EC2.13': 'approve' } });
    const finding = await suture.arrange('EC2.13');
    putFinding(suture.kernel, finding as never);
    await suture.kernel.clock.advance(60_000);
    expect(await ledger().record(finding.Id)).toMatchObject({
      ofStatus: 'WAITING',
      reason: expect.stringContaining('tcp 22'),
    });
    const states = new SFNClient(settings());
    const running = { stateMachineArn: stateMachineArn(suture.context), statusFilter: 'RUNNING' as const };
    const { executions = [] } = await states.send(new ListExecutionsCommand(running));
    for (const { executionArn } of executions) await states.send(new StopExecutionCommand({ executionArn }));
    await suture.kernel.clock.advance(60_000);
    expect(await ledger().record(finding.Id)).toMatchObject({ ofStatus: 'FAILED', error: 'ExecutionAborted' });
    const [line] = await ledger().history(finding.Id);
    expect(line!.failure).toMatchObject({ state: 'AwaitApproval', message: 'somebody stopped the execution' });
  });
});
