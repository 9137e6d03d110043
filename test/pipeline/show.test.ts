/** `suture show` prints the history of a finding from the ledger alone, failed attempts included. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindingReport } from '../../cli/clients/finding-report.ts';
import { patchCommand } from '../../cli/commands/patch.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { throttled } from '../../sandbox/kernel/faults.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { testOperator } from '../support/operator.ts';
import { createPerson } from '../support/people.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

let suture: Pipeline;
let signIn: Awaited<ReturnType<typeof createPerson>>;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  signIn = await createPerson(suture, 'ada');
});
afterAll(() => suture.sandbox.close());

const viewer = async () => testOperator(suture, await signIn('viewer'));
const textOf = async (id: string) => showCommand(id, { ...(await viewer()), json: false });
async function executionOf(id: string) {
  const [report] = JSON.parse(await showCommand(id, await viewer())) as FindingReport[];
  return report!.executions[0]!;
}
const isInvoker: (call: Parameters<FaultRule>[0]) => boolean = ({ principal }) =>
  'role' in principal && principal.role.endsWith('/suture-invoker');

describe('suture show by a viewer', () => {
  it('has the errors of attempts, and the attempts without a recorded error', async () => {
    const finding = await suture.arrange('EC2.13');
    let invocations = 0;
    const disturb: FaultRule = (call) => {
      if (call.operation === 'RevokeSecurityGroupIngress' && invocations < 3) return throttled(call);
      if (call.operation !== 'Invoke' || !isInvoker(call)) return undefined;
      invocations += 1;
      return invocations === 3 ? { kind: 'killBefore' } : undefined;
    };
    await suture.withFaults([disturb], () => suture.process(finding));
    expect(invocations).toBe(4);
    const { visits } = await executionOf(finding.Id);
    expect(visits.map(({ state, result }) => [state, result])).toEqual([
      ['Triage', 'remediate'],
      ['Remediate', 'fixed'],
      ['Report', 'fixed'],
    ]);
    const { errors, attempts } = visits[1]!;
    expect(new Set(errors)).toEqual(new Set(['Throttled']));
    expect(attempts).toBe(errors.length + 2);
    expect(await textOf(finding.Id)).toContain(
      `Remediate, ${attempts} attempts: ${errors.length > 1 ? `Throttled ${errors.length} times` : 'Throttled'}, 1 that stored no error: fixed`,
    );
  });

  it('has the errors of triage', async () => {
    const finding = await suture.arrange('EC2.13');
    const until = suture.kernel.clock.now() + 20_000;
    const busy: FaultRule = (call) =>
      suture.kernel.clock.now() < until && call.input.Key?.pk.S.startsWith('counter#executions')
        ? throttled(call)
        : undefined;
    await suture.withFaults([busy], () => suture.process(finding));
    const [triage] = (await executionOf(finding.Id)).visits;
    expect(triage).toMatchObject({ state: 'Triage', result: 'remediate' });
    expect(new Set(triage!.errors)).toEqual(new Set(['Throttled']));
    expect(triage!.attempts).toBe(triage!.errors.length + 1);
  });

  it('has the error with which an execution failed', async () => {
    const finding = await suture.arrange('EC2.13');
    const deny: FaultRule = ({ operation }) =>
      operation === 'RevokeSecurityGroupIngress'
        ? { kind: 'error', code: 'UnauthorizedOperation', message: 'no', status: 403 }
        : undefined;
    await suture.withFaults([deny], () => suture.process(finding));
    const { failure, visits } = await executionOf(finding.Id);
    expect(failure).toMatchObject({ state: 'Remediate', error: 'MemberAccessDenied' });
    expect(visits.at(-1)).toMatchObject({ state: 'Remediate', errors: ['MemberAccessDenied'] });
  });

  it('has a plan that waits, and who denied it', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'approve' }, approvals: { hours: 4 } });
    const finding = await suture.arrange('EC2.13');
    await suture.process(finding);
    expect(await textOf(finding.Id)).toMatch(/Plan: planned, waits for approval/);
    await suture.kernel.clock.advance(4 * 3_600_000);
    const text = await textOf(finding.Id);
    for (const part of [
      'would change',
      '"from": 22',
      'denied by nobody',
      'nobody answered in time',
      'DescribeSecurityGroupRules',
    ])
      expect(text).toContain(part);
  });
});

describe('suture patch by a viewer', () => {
  const patchOf = async (id: string) => JSON.parse(await patchCommand(id, { ...(await viewer()), json: true }))[0];
  const BY_TERRAFORM = { scenario: 'it is set otherwise, and Terraform manages it' };
  const SETTINGS = ['map_public_ip_on_launch', 'assign_ipv6_address_on_creation'].map((name) => ({
    name,
    value: false,
  }));

  it.each(['observe', 'auto'] as const)('has the argument of Terraform under mode %s', async (mode) => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.15': mode } });
    const finding = await suture.arrange('EC2.15', BY_TERRAFORM);
    await suture.process(finding);
    expect((await executionOf(finding.Id)).outcome).toBe(mode === 'auto' ? 'NOTIFIED' : 'PLANNED');
    expect(await patchOf(finding.Id)).toMatchObject({
      managedBy: { manager: 'terraform', name: 'Terraform (tag ManagedBy)' },
      terraform: [{ type: 'aws_subnet', set: SETTINGS }],
      cloudFormation: [{ type: 'AWS::EC2::Subnet' }],
    });
    expect(await patchCommand(finding.Id, { ...(await viewer()), json: false })).toContain(
      '    map_public_ip_on_launch = false\n',
    );
  });

  it('has the page of the console if the remediation declares no property', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'observe' } });
    const finding = await suture.arrange('EC2.13');
    await suture.process(finding);
    expect(await patchOf(finding.Id)).toMatchObject({
      change: expect.stringContaining('22'),
      console: 'https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1',
    });
  });
});
