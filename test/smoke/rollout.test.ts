import { CloudFormationClient, UpdateStackSetCommand } from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deployTemplate } from '../../sandbox/cloudformation/index.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import { STACK_SETS } from '../../sandbox/services/stacksets/state.ts';
import type { Smoke } from '../../smoke/smoke.ts';
import { ROLLOUT_STEP } from '../../smoke/steps/rollout.ts';
import { parseContext, readCdkJsonContext } from '../../stacks/context.ts';

const [MANAGEMENT, SHOP, DATA] = ['100000000001', '200000000001', '200000000002'] as const;
const UNIT = 'ou-test-workloads';
const TRUSTED = 'member.org.stacksets.cloudformation.amazonaws.com';

let sandbox: Sandbox;
let smoke: Smoke;
beforeEach(async () => {
  const { prefix: _, ...given } = await readCdkJsonContext();
  const rollout = { managementAccount: MANAGEMENT, account: MANAGEMENT, units: [UNIT] };
  const context = parseContext({ ...given, rollout });
  sandbox = await createSandbox({
    organization: {
      id: context.organizationId,
      managementAccount: MANAGEMENT,
      unitIds: { '/Workloads': UNIT },
      trustedServices: [TRUSTED],
      accounts: [
        { id: MANAGEMENT, name: 'management' },
        { id: SHOP, name: 'shop', ouPath: '/Workloads' },
        { id: DATA, name: 'data', ouPath: '/Workloads' },
      ],
    },
    homeRegion: context.homeRegion,
  });
  const { clock } = sandbox.kernel;
  smoke = {
    ...{ context, member: SHOP, now: () => clock.now(), startedAt: clock.now(), progress: () => {} },
    config: (account) => ({ ...sandbox.administrator(account), region: context.homeRegion }),
    pause: (milliseconds) => clock.sleep(milliseconds),
  };
  const place = { partition: 'aws', account: MANAGEMENT, region: context.homeRegion };
  await deployTemplate(sandbox.kernel, place, 'SutureOrgRollout', {
    Resources: {
      MemberRole: {
        Type: 'AWS::CloudFormation::StackSet',
        Properties: {
          StackSetName: 'suture-member-role',
          PermissionModel: 'SERVICE_MANAGED',
          ManagedExecution: { Active: true },
          StackInstancesGroup: [{ DeploymentTargets: { OrganizationalUnitIds: [UNIT] }, Regions: [place.region] }],
          TemplateBody: JSON.stringify({ Resources: { Topic: { Type: 'AWS::SNS::Topic' } } }),
        },
      },
    },
  });
});
afterEach(() => sandbox.close());

const stackSet = () =>
  [...sandbox.kernel.state(STACK_SETS, { partition: 'aws', account: '', region: '' }).sets.values()][0]!;
const operateByHand = () =>
  new CloudFormationClient(smoke.config(MANAGEMENT)).send(
    new UpdateStackSetCommand({ StackSetName: 'suture-member-role', UsePreviousTemplate: true }),
  );

describe('the step rollout', () => {
  it('updates the member account alone', async () => {
    stackSet().instances.get(`${DATA} ${smoke.context.homeRegion}`)!.status = 'OUTDATED';
    await expect(ROLLOUT_STEP.run(smoke)).resolves.toHaveLength(2);
    const { operations, instances } = stackSet();
    expect([...operations.at(-1)!.results.keys()]).toEqual([`${SHOP} ${smoke.context.homeRegion}`]);
    expect([...instances.values()].map(({ status }) => status)).toEqual(['CURRENT', 'OUTDATED']);
  });

  it('tries nothing while an operation is under way', async () => {
    const hold = sandbox.kernel.clock.hold();
    await operateByHand();
    await expect(ROLLOUT_STEP.run(smoke)).rejects.toThrow('is under way, so that nothing was tried');
    hold.release();
  });

  it('fails if the update reaches no account, or another one', async () => {
    await expect(ROLLOUT_STEP.run({ ...smoke, member: MANAGEMENT })).rejects.toThrow(
      'No account matches the deployment targets',
    );
    const { instances, operations } = stackSet();
    const shop = `${SHOP} ${smoke.context.homeRegion}`;
    instances.delete(shop);
    await expect(ROLLOUT_STEP.run(smoke)).rejects.toThrow(`The update did not reach ${smoke.member}.`);
    const answer = { status: 'SUCCEEDED' as const };
    const pause = async (milliseconds: number) => {
      operations.at(-1)!.results.set(`${DATA} ${smoke.context.homeRegion}`, answer);
      await sandbox.kernel.clock.sleep(milliseconds);
    };
    instances.set(shop, { stackName: 'StackSet-shop', status: 'CURRENT', detailed: 'SUCCEEDED' });
    await expect(ROLLOUT_STEP.run({ ...smoke, pause })).rejects.toThrow('reached 1 other accounts');
  });
});
