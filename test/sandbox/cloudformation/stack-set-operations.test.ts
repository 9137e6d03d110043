/** UpdateStackSet and its operations: targets, preferences, failures, and what they leave to the other accounts. */
import {
  CloudFormationClient,
  DescribeStackSetCommand,
  DescribeStackSetOperationCommand,
  ListStackInstancesCommand,
  ListStackSetOperationResultsCommand,
  ListStackSetOperationsCommand,
  ListStackSetsCommand,
  UpdateStackSetCommand,
  type UpdateStackSetCommandInput,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { iamStateOf } from '../../../sandbox/services/iam/state.ts';
import { concurrency, failureTolerance } from '../../../sandbox/services/stacksets/preferences.ts';

const MANAGEMENT = '100000000001';
const [SHOP, DATA, BILLING] = ['200000000001', '200000000002', '200000000003'];
const UNIT = 'ou-test-workloads';
const TRUSTED = 'member.org.stacksets.cloudformation.amazonaws.com';

let sandbox: Sandbox;
let client: CloudFormationClient;
beforeEach(async () => {
  sandbox = await createSandbox({
    organization: {
      id: 'o-exampleorgid',
      managementAccount: MANAGEMENT,
      unitIds: { '/Workloads': UNIT },
      trustedServices: [TRUSTED],
      accounts: [
        { id: MANAGEMENT, name: 'management' },
        { id: SHOP!, name: 'shop', ouPath: '/Workloads' },
        { id: DATA!, name: 'data', ouPath: '/Workloads/Production' },
        { id: BILLING!, name: 'billing', ouPath: '/Workloads/Production' },
      ],
    },
    homeRegion: 'us-east-1',
  });
  client = new CloudFormationClient({ ...sandbox.administrator(MANAGEMENT), region: 'us-east-1' });
});
afterEach(() => sandbox.close());

const template = (...names: string[]) =>
  JSON.stringify({
    Resources: Object.fromEntries(
      names.map((RoleName) => [
        RoleName,
        {
          Type: 'AWS::IAM::Role',
          Properties: { RoleName, AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [TRUST] } },
        },
      ]),
    ),
  });
const TRUST = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };

const place = (account: string) => ({ partition: 'aws', account, region: 'us-east-1' });
const deploySet = (more: object = {}) =>
  deployTemplate(sandbox.kernel, place(MANAGEMENT), 'rollout', {
    Resources: {
      Set: {
        Type: 'AWS::CloudFormation::StackSet',
        Properties: {
          StackSetName: 'member',
          PermissionModel: 'SERVICE_MANAGED',
          Capabilities: ['CAPABILITY_NAMED_IAM'],
          ManagedExecution: { Active: true },
          StackInstancesGroup: [{ DeploymentTargets: { OrganizationalUnitIds: [UNIT] }, Regions: ['us-east-1'] }],
          TemplateBody: template('first'),
          ...more,
        },
      },
    },
  });

const only = (...Accounts: string[]) => ({
  DeploymentTargets: { OrganizationalUnitIds: [UNIT], Accounts, AccountFilterType: 'INTERSECTION' as const },
  Regions: ['us-east-1'],
});
const request = (more: Partial<UpdateStackSetCommandInput>): UpdateStackSetCommandInput => ({
  StackSetName: 'member',
  Capabilities: ['CAPABILITY_NAMED_IAM'],
  ...more,
});
const update = (more: Partial<UpdateStackSetCommandInput>) => client.send(new UpdateStackSetCommand(request(more)));
async function performed(more: Partial<UpdateStackSetCommandInput>) {
  const { OperationId } = await update(more);
  await sandbox.settled();
  const { StackSetOperation } = await client.send(
    new DescribeStackSetOperationCommand({ StackSetName: 'member', OperationId }),
  );
  const { Summaries = [] } = await client.send(
    new ListStackSetOperationResultsCommand({ StackSetName: 'member', OperationId }),
  );
  const results = Object.fromEntries(Summaries.map(({ Account, Status }) => [Account, Status]));
  return { operation: StackSetOperation!, results, reasons: Summaries.map(({ StatusReason }) => StatusReason) };
}
async function statuses() {
  const { Summaries = [] } = await client.send(new ListStackInstancesCommand({ StackSetName: 'member' }));
  return Object.fromEntries(Summaries.map(({ Account, Status }) => [Account, Status]));
}
const has = (account: string, role: string) => iamStateOf(sandbox.kernel, account).roles.has(role);
const having = (role: string) => [SHOP!, DATA!, BILLING!].filter((account) => has(account, role));
/** An account refuses the role, because it has one of the name. */
const occupy = (account: string, name: string) =>
  deployTemplate(sandbox.kernel, place(account), 'own', JSON.parse(template(name)));

describe('ListStackSets', () => {
  const list = async (account: string, more: object = {}) => {
    const as = new CloudFormationClient({ ...sandbox.administrator(account), region: 'us-east-1' });
    return (await as.send(new ListStackSetsCommand(more))).Summaries;
  };

  it('shows the organization’s StackSets to its management account', async () => {
    await deploySet({ Description: 'the role of members' });
    expect(await list(MANAGEMENT)).toEqual([
      {
        StackSetName: 'member',
        StackSetId: expect.stringMatching(/^member:/),
        Description: 'the role of members',
        Status: 'ACTIVE',
        AutoDeployment: { Enabled: false, RetainStacksOnAccountRemoval: false },
        PermissionModel: 'SERVICE_MANAGED',
        DriftStatus: 'NOT_CHECKED',
        ManagedExecution: { Active: true },
      },
    ]);
    expect(await list(MANAGEMENT, { Status: 'DELETED' })).toEqual([]);
  });

  it('shows another account those of its own, of which the sandbox has none', async () => {
    await deploySet();
    expect(await list(SHOP!)).toEqual([]);
    await expect(list(SHOP!, { CallAs: 'DELEGATED_ADMIN' })).rejects.toThrow('not a delegated administrator');
  });
});

describe('UpdateStackSet', () => {
  it('with a template marks every instance OUTDATED, and updates those of its targets', async () => {
    await deploySet();
    expect(await statuses()).toEqual({ [SHOP!]: 'CURRENT', [DATA!]: 'CURRENT', [BILLING!]: 'CURRENT' });
    const { operation, results } = await performed({ TemplateBody: template('second'), ...only(SHOP!) });
    expect(operation).toMatchObject({ Status: 'SUCCEEDED', Action: 'UPDATE' });
    expect(results).toEqual({ [SHOP!]: 'SUCCEEDED' });
    expect(having('second')).toEqual([SHOP]);
    expect(await statuses()).toEqual({ [SHOP!]: 'CURRENT', [DATA!]: 'OUTDATED', [BILLING!]: 'OUTDATED' });
    const { StackSet } = await client.send(new DescribeStackSetCommand({ StackSetName: 'member' }));
    expect(StackSet).toMatchObject({ TemplateBody: template('second'), OrganizationalUnitIds: [UNIT] });
  });

  it('with the previous template leaves the status of other instances', async () => {
    await deploySet();
    await performed({ TemplateBody: template('second'), ...only(SHOP!) });
    await performed({ UsePreviousTemplate: true, ...only(DATA!) });
    expect(await statuses()).toEqual({ [SHOP!]: 'CURRENT', [DATA!]: 'CURRENT', [BILLING!]: 'OUTDATED' });
    expect(having('second')).toEqual([SHOP, DATA]);
  });

  it('cancels pending accounts when more accounts failed than it tolerates', async () => {
    await deploySet();
    await occupy(DATA!, 'second');
    const { operation, results, reasons } = await performed({ TemplateBody: template('second') });
    expect(operation).toMatchObject({ Status: 'FAILED', StatusDetails: { FailedStackInstancesCount: 1 } });
    expect(results).toEqual({ [SHOP!]: 'SUCCEEDED', [DATA!]: 'FAILED', [BILLING!]: 'CANCELLED' });
    expect(reasons).toEqual([
      undefined,
      expect.stringContaining('second'),
      'Cancelled since failure tolerance has exceeded',
    ]);
    expect([has(DATA!, 'first'), has(BILLING!, 'second')]).toEqual([true, false]);
    expect(await statuses()).toEqual({ [SHOP!]: 'CURRENT', [DATA!]: 'OUTDATED', [BILLING!]: 'OUTDATED' });
  });

  it('takes time for each account, and less with concurrency', async () => {
    await deploySet();
    const seconds = async (OperationPreferences: object) => {
      const { operation } = await performed({ UsePreviousTemplate: true, OperationPreferences });
      return (operation.EndTimestamp!.getTime() - operation.CreationTimestamp!.getTime()) / 1000;
    };
    expect(await seconds({})).toBe(120);
    expect(await seconds({ MaxConcurrentCount: 3 })).toBe(120);
    expect(await seconds({ MaxConcurrentCount: 3, ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE' })).toBe(40);
  });

  it('queues behind another operation if the execution is managed, and is refused otherwise', async () => {
    await deploySet();
    const first = sandbox.kernel.clock.hold();
    await update({ UsePreviousTemplate: true, OperationId: 'one' });
    await update({ TemplateBody: template('second'), OperationId: 'two' });
    const { Summaries } = await client.send(new ListStackSetOperationsCommand({ StackSetName: 'member' }));
    expect(Summaries!.slice(0, 2).map(({ OperationId, Status }) => [OperationId, Status])).toEqual([
      ['two', 'QUEUED'],
      ['one', 'RUNNING'],
    ]);
    first.release();
    await sandbox.settled();
    expect(having('second')).toEqual([SHOP, DATA, BILLING]);

    await deploySet({ ManagedExecution: { Active: false } });
    const hold = sandbox.kernel.clock.hold();
    await update({ UsePreviousTemplate: true });
    await expect(update({ UsePreviousTemplate: true })).rejects.toMatchObject({ name: 'OperationInProgressException' });
    hold.release();
  });

  it('accepts a template from S3 that is too large for a request', async () => {
    await deploySet();
    const large = template('second').padEnd(51_201);
    const buckets = new S3Client({ ...sandbox.administrator(MANAGEMENT), region: 'us-east-1' });
    await buckets.send(new CreateBucketCommand({ Bucket: 'templates' }));
    await buckets.send(new PutObjectCommand({ Bucket: 'templates', Key: 'member.json', Body: large }));
    await expect(performed({ TemplateBody: large })).rejects.toThrow('less than or equal to 51200');
    await performed({ TemplateURL: 'https://templates.s3.amazonaws.com/member.json' });
    expect(having('second')).toEqual([SHOP, DATA, BILLING]);
    const { StackSet } = await client.send(new DescribeStackSetCommand({ StackSetName: 'member' }));
    expect(StackSet!.TemplateBody).toBe(large);
  });

  it('performs an operation with the same id once', async () => {
    await deploySet();
    await performed({ UsePreviousTemplate: true, OperationId: 'once' });
    await expect(update({ UsePreviousTemplate: true, OperationId: 'once' })).rejects.toMatchObject({
      name: 'OperationIdAlreadyExistsException',
    });
  });

  it.each<[string, Partial<UpdateStackSetCommandInput>, string]>([
    ['no template', {}, 'exactly one of TemplateBody'],
    ['two templates', { TemplateBody: '{}', UsePreviousTemplate: true }, 'exactly one of TemplateBody'],
    ['a template of another host', { TemplateURL: 'https://x' }, 'TemplateURL must be a supported URL.'],
    ['a template by two ways', { TemplateURL: 'https://x', TemplateBody: '{}' }, 'exactly one of TemplateBody'],
    ['automatic deployment', { AutoDeployment: { Enabled: true } }, 'does not model the member AutoDeployment'],
    ['named roles without the capability', { UsePreviousTemplate: true, Capabilities: [] }, 'CAPABILITY_NAMED_IAM'],
    [
      'a unit that the StackSet was not deployed to',
      {
        UsePreviousTemplate: true,
        Regions: ['us-east-1'],
        DeploymentTargets: { OrganizationalUnitIds: ['ou-test-elsewhere'] },
      },
      'Organizational unit ou-test-elsewhere not found in StackSet',
    ],
    [
      'targets without Regions',
      { UsePreviousTemplate: true, DeploymentTargets: { OrganizationalUnitIds: [UNIT] } },
      'both DeploymentTargets and Regions',
    ],
    [
      'accounts of no unit',
      { UsePreviousTemplate: true, Regions: ['us-east-1'], DeploymentTargets: { Accounts: ['200000000001'] } },
      'does not model DeploymentTargets without OrganizationalUnitIds',
    ],
    [
      'further accounts',
      {
        UsePreviousTemplate: true,
        Regions: ['us-east-1'],
        DeploymentTargets: { OrganizationalUnitIds: [UNIT], Accounts: ['200000000001'] },
      },
      'AccountFilterType UNION',
    ],
    [
      'two tolerances',
      {
        UsePreviousTemplate: true,
        OperationPreferences: { FailureToleranceCount: 0, FailureTolerancePercentage: 1 },
      },
      'either FailureToleranceCount or FailureTolerancePercentage',
    ],
  ])('is refused with %s', async (_, more, message) => {
    await deploySet();
    await expect(update(more)).rejects.toThrow(message);
    expect(await statuses()).toEqual({ [SHOP!]: 'CURRENT', [DATA!]: 'CURRENT', [BILLING!]: 'CURRENT' });
  });
});

describe('operation preferences', () => {
  it('of percentages round down, to one account at least', () => {
    expect([1, 39, 40].map((accounts) => concurrency(SOFT_5, accounts, 0))).toEqual([1, 1, 2]);
    expect([9, 10].map((accounts) => failureTolerance({ FailureTolerancePercentage: 10 }, accounts))).toEqual([0, 1]);
  });
  it('in strict mode work in one account more than may still fail', () => {
    const strict = { MaxConcurrentPercentage: 100, FailureToleranceCount: 2 };
    expect([0, 1, 2].map((failed) => concurrency(strict, 100, failed))).toEqual([3, 2, 1]);
    expect(concurrency(SOFT_5, 100, 0)).toBe(5);
    expect(concurrency({ ...SOFT_5, ConcurrencyMode: 'STRICT_FAILURE_TOLERANCE' }, 100, 0)).toBe(1);
  });
  it('apply to a deployment of the resource', async () => {
    await occupy(SHOP!, 'first');
    await expect(deploySet()).rejects.toThrow('first');
    expect([having('first'), await rejection()]).toEqual([[SHOP], 'StackSetNotFoundException']);
    await deploySet({ OperationPreferences: { FailureTolerancePercentage: 40 } });
    expect(await statuses()).toEqual({ [SHOP!]: 'OUTDATED', [DATA!]: 'CURRENT', [BILLING!]: 'CURRENT' });
  });
});
const SOFT_5 = { MaxConcurrentPercentage: 5, ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE' as const };
const rejection = () => statuses().catch(({ name }: Error) => name);
