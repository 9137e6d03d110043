import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayCommand } from '../../cli/commands/replay.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { traceOf } from '../../lab/organization/trace.ts';
import { deployTemplate } from '../../sandbox/cloudformation/deploy.ts';
import type { Stack } from '../../sandbox/cloudformation/stacks.ts';
import { EC2 } from '../../sandbox/services/ec2/state.ts';
import { groupIdOf } from '../support/inspection.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { DATA, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const ASK = 'cloudformation:DescribeStackResources';
const HOUR = 3_600_000;

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
});
afterAll(() => suture.sandbox.close());

const placeIn = (account: string) => ({
  ...{ partition: suture.context.partition, account, region: suture.context.homeRegion },
});

/** A group with an open port, which a stack has created. `isTagged`: as AWS tags it. */
async function stackedFinding(name: string, { account = SHOP, isTagged = true } = {}) {
  const place = placeIn(account);
  const Properties = {
    GroupDescription: name,
    SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '0.0.0.0/0' }],
  };
  const Resources = { Group: { Type: 'AWS::EC2::SecurityGroup', Properties } };
  const stack = await deployTemplate(suture.kernel, place, name, { Resources });
  const id = stack.resources.get('Group')!.created.ref;
  if (isTagged) tag(account, id, tagsOf(stack));
  const Id = `arn:aws:ec2:${place.region}:${account}:security-group/${id}`;
  return { finding: suture.finding('EC2.13', { Type: 'AwsEc2SecurityGroup', Id }, { account }), stack };
}

const tagsOf = ({ id, name }: Stack) => ({
  ...{ 'aws:cloudformation:stack-id': id, 'aws:cloudformation:stack-name': name },
  'aws:cloudformation:logical-id': 'Group',
});
const tag = (account: string, id: string, tags: Record<string, string>) =>
  suture.kernel.state(EC2, placeIn(account)).tags.set(id, tags);

const policyWith = (whenManagedBy: unknown, more: object = {}) =>
  suture.setPolicy({ ...TEST_POLICY, whenManagedBy, ...more });
describe('a finding about the resource of a stack', () => {
  it('is left to its owner by default: the note says what to change, and the outcome is NOTIFIED', async () => {
    for (const isTagged of [true, false]) {
      const { finding, stack } = await stackedFinding(`web-${isTagged}`, { isTagged });
      const [trace] = await suture.process(finding);
      expect(trace).toMatchObject({ route: 'remediate', outcome: 'NOTIFIED', execution: { status: 'SUCCEEDED' } });
      expect(await suture.inbound(finding)).toContain(SSH);
      expect(suture.securityHub(finding)).toEqual({
        status: 'NOTIFIED',
        note: expect.stringContaining(
          `not changed: managed by CloudFormation stack ${stack.name} (Group); its owner changes it`,
        ),
      });
      const [{ outcome, job }] = (await suture.history(finding.Id)) as [any];
      expect(outcome).toBe('NOTIFIED');
      expect(job.result.managedBy).toMatchObject({ manager: 'cloudformation', stack: stack.id, logicalId: 'Group' });
      expect(await suture.journal('ec2/close-admin-ports', finding)).toEqual([]);
    }
  });

  it('asks CloudFormation once, in the session of the plan, and writes nothing', async () => {
    const { finding, stack } = await stackedFinding('once');
    const [{ execution }] = await suture.process(finding);
    const own = suture.callsOf(execution!.arn).map(({ service, operation }) => `${service} ${operation}`);
    expect(own.filter((call) => /DescribeStackResources/.test(call))).toHaveLength(1);
    expect(own.filter((call) => /AssumeRole/.test(call))).toHaveLength(1);
    const asked = suture.kernel.decisions.filter(({ action, resource }) => action === ASK && resource === stack.id);
    expect(asked.map(({ decision, role }) => [decision, role])).toEqual([
      ['Allow', `arn:aws:iam::${SHOP}:role/suture/suture-member`],
    ]);
  });

  it('is refused, or waits for approval, as policy says', async () => {
    await policyWith({ cloudformation: 'refuse' });
    const refused = await stackedFinding('refused');
    expect((await suture.process(refused.finding))[0]).toMatchObject({ outcome: 'REFUSED' });
    expect(suture.securityHub(refused.finding).note).toContain('policy refuses to change it');
    await policyWith({ ous: { '/': 'notify' }, accounts: { [SHOP]: 'approve' } });
    const asked = await stackedFinding('asked');
    expect((await suture.process(asked.finding))[0]).toMatchObject({ outcome: 'WAITING' });
    const elsewhere = await stackedFinding('elsewhere', { account: DATA });
    expect((await suture.process(elsewhere.finding))[0]).toMatchObject({ outcome: 'NOTIFIED' });
    for (const { finding } of [refused, asked]) expect(await suture.inbound(finding)).toContain(SSH);
    await suture.setPolicy(TEST_POLICY);
  });

  it('is fixed if policy says so, without a call of CloudFormation', async () => {
    await policyWith('fix');
    const { finding } = await stackedFinding('fixed');
    const [{ execution, outcome }] = await suture.process(finding);
    expect(outcome).toBe('FIXED');
    expect(suture.callsOf(execution!.arn).map(({ operation }) => operation)).not.toContain('DescribeStackResources');
    const [{ job }] = (await suture.history(finding.Id)) as [any];
    expect(job.result.summary).toContain('managed by CloudFormation stack fixed (Group), from which this drifts');
    await suture.setPolicy(TEST_POLICY);
  });
});

describe('a fix that a deployment of its stack undoes', () => {
  /** The stack deploys its template over the fix. */
  async function redeploy(finding: ControlFinding, stack: Stack): Promise<void> {
    const ec2 = new EC2Client(suture.sandbox.administrator(SHOP));
    const rule = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '0.0.0.0/0' };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: groupIdOf(finding.Resources[0]!), ...rule }));
    stack.resources.set('Group', { ...stack.resources.get('Group')!, changedAt: suture.kernel.clock.now() });
  }
  const again = async (finding: ControlFinding) => {
    await suture.kernel.clock.advance(HOUR + 60_000);
    const event = suture.emit([{ ...finding, Workflow: { Status: 'NEW' } }]);
    await suture.sandbox.settled();
    return traceOf(suture.kernel, event, finding);
  };
  const lastJob = async ({ Id }: ControlFinding) => (await suture.history(Id)).at(-1)!.job as any;

  it('is recognized and counted, and the third one is left to the owner, unless a person asks for it', async () => {
    await policyWith('fix');
    const began = suture.kernel.clock.now();
    const { finding, stack } = await stackedFinding('reverted');
    expect((await suture.process(finding))[0].outcome).toBe('FIXED');
    expect((await lastJob(finding)).result.reverted).toBeUndefined();

    await redeploy(finding, stack);
    expect((await again(finding)).outcome).toBe('FIXED');
    const { result } = await lastJob(finding);
    const by = 'CloudFormation stack reverted (Group)';
    expect(result).toMatchObject({ reverted: { by, times: 1 }, managedBy: { stack: stack.id } });
    expect(result.summary).toContain(`reverted by a deployment of ${by} at 2026-03-03T`);
    const decided = suture.kernel.decisions.filter(({ action, resource }) => action === ASK && resource === stack.id);
    expect(decided.map(({ decision }) => decision)).toEqual(['Allow']);

    await redeploy(finding, stack);
    expect((await again(finding)).outcome).toBe('NOTIFIED');
    expect(await suture.inbound(finding)).toContain(SSH);
    expect(suture.securityHub(finding)).toEqual({
      status: 'NOTIFIED',
      note: expect.stringMatching(
        /not changed: reverted by a deployment of .*, after 2 fixes; managed by .*; its owner/,
      ),
    });
    const operator = testOperator(suture);
    expect(await showCommand(finding.Id, { ...operator, json: false })).toMatch(/reverted +reverted by a deployment/);
    const dynamo = new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
    const days = [new Date(began).toISOString().slice(0, 10)];
    const counted = await ledgerQueries(LEDGER_TABLE, dynamo).statistics(days);
    expect(counted.reduce((sum, each) => sum + each.reverted, 0)).toBe(2);

    await replayCommand(finding.Id, { ...operator, again: true, reason: 'the owner agrees' });
    expect(await suture.outcomes(finding)).toContain('FIXED');
    expect(await suture.inbound(finding)).not.toContain(SSH);
    await suture.setPolicy(TEST_POLICY);
  });

  it('is fixed like any other if somebody else undid it', async () => {
    await policyWith('fix');
    const { finding, stack } = await stackedFinding('by-hand');
    await suture.process(finding);
    const { changedAt } = stack.resources.get('Group')!;
    await redeploy(finding, stack);
    stack.resources.set('Group', { ...stack.resources.get('Group')!, changedAt: changedAt! });
    expect((await again(finding)).outcome).toBe('FIXED');
    expect((await lastJob(finding)).result.reverted).toBeUndefined();
    await suture.setPolicy(TEST_POLICY);
  });
});

describe('a finding whose tags claim more than CloudFormation says', () => {
  it('is fixed if the stack has another resource under that logical id', async () => {
    const { finding, stack } = await stackedFinding('kept');
    const other = await suture.arrange('EC2.13');
    tag(SHOP, other.Resources[0]!.Id.split('/').at(-1)!, tagsOf(stack));
    const [claimed, real] = await suture.process(other, finding);
    expect([claimed!.outcome, real!.outcome]).toEqual(['FIXED', 'NOTIFIED']);
  });
});

it('a finding about a resource with a tag that policy names is left to its owner', async () => {
  const marked = async () => {
    const finding = await suture.arrange('EC2.13');
    tag(SHOP, finding.Resources[0]!.Id.split('/').at(-1)!, { 'pulumi:project': 'shop' });
    return (await suture.process(finding))[0].outcome;
  };
  expect(await marked()).toBe('FIXED');
  await policyWith('notify', { managedTags: { other: ['pulumi:project'] } });
  expect(await marked()).toBe('NOTIFIED');
  await suture.setPolicy(TEST_POLICY);
});

it('a cluster that its finding names by an alias is looked up by its name, in the session of the plan', async () => {
  await suture.setPolicy({ ...TEST_POLICY, controls: { 'RDS.7': 'auto' } });
  const finding = await suture.arrange('RDS.7', { scenario: 'its finding names it by its alias' });
  expect(finding.Resources[0]!.Id).toContain(':dbcluster/cluster-');
  const [{ outcome, execution }] = await suture.process(finding);
  expect(outcome).toBe('FIXED');
  const calls = suture.callsOf(execution!.arn).map(({ operation }) => operation);
  const counts = ['AssumeRole', 'DescribeStackResources'].map((name) => calls.filter((call) => call === name).length);
  // One session resolves the name, one plans and looks up the stack, one writes.
  expect(counts).toEqual([3, 1]);
});
