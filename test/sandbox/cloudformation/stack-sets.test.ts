/** Service-managed StackSets: their accounts, their role, and the permission to create one. */
import { CreateRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { ListParentsCommand, MoveAccountCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { joinOrganization } from '../../../sandbox/services/organizations/set-up.ts';

const MANAGEMENT = '100000000001';
const DELEGATED = '100000000002';
const SHOP = '200000000001';
const DATA = '200000000002';
const CLOSED = '200000000003';
const OTHER_PLACE = '200000000004';
const ROOT_UNIT = 'ou-test-workloads';
const TRUSTED = 'member.org.stacksets.cloudformation.amazonaws.com';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox({
    organization: {
      id: 'o-exampleorgid',
      managementAccount: MANAGEMENT,
      unitIds: { '/Workloads': ROOT_UNIT },
      trustedServices: [TRUSTED],
      delegatedAdministrators: { [TRUSTED]: [DELEGATED] },
      accounts: [
        { id: MANAGEMENT, name: 'management', ouPath: '/Workloads' },
        { id: DELEGATED, name: 'delegated' },
        { id: SHOP, name: 'shop', ouPath: '/Workloads' },
        { id: DATA, name: 'data', ouPath: '/Workloads/Production' },
        { id: CLOSED, name: 'closed', ouPath: '/Workloads', status: 'SUSPENDED' },
        { id: OTHER_PLACE, name: 'elsewhere' },
      ],
    },
    homeRegion: 'us-east-1',
  });
});
afterEach(() => sandbox.close());

const role = (RoleName: string) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
  },
});
const member = (...names: string[]) =>
  JSON.stringify({ Resources: Object.fromEntries(names.map((name) => [name, role(name)])) });
const stackSet = (more: object = {}) => ({
  StackSetName: 'member',
  PermissionModel: 'SERVICE_MANAGED',
  AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
  Capabilities: ['CAPABILITY_NAMED_IAM'],
  StackInstancesGroup: [{ DeploymentTargets: { OrganizationalUnitIds: [ROOT_UNIT] }, Regions: ['us-east-1'] }],
  TemplateBody: member('first'),
  ...more,
});
const deploy = (properties: object, account = MANAGEMENT) =>
  deployTemplate(sandbox.kernel, { partition: 'aws', account, region: 'us-east-1' }, 'rollout', {
    Resources: { Set: { Type: 'AWS::CloudFormation::StackSet', Properties: properties } },
  });

async function rolesOf(account: string): Promise<string[]> {
  const { Roles } = await new IAMClient(sandbox.administrator(account)).send(new ListRolesCommand({}));
  return Roles!.map(({ RoleName }) => RoleName!).filter((name) => name !== 'OrganizationAccountAccessRole');
}
const own = async (account: string) => (await rolesOf(account)).filter((name) => !name.startsWith('stacksets-exec-'));

const organizations = () => new OrganizationsClient(sandbox.administrator(MANAGEMENT));
async function move(AccountId: string, DestinationParentId: string, account = MANAGEMENT): Promise<void> {
  const { Parents } = await organizations().send(new ListParentsCommand({ ChildId: AccountId }));
  const client = new OrganizationsClient(sandbox.administrator(account));
  await client.send(new MoveAccountCommand({ AccountId, SourceParentId: Parents![0]!.Id, DestinationParentId }));
  await sandbox.settled();
}
const rootId = () =>
  sandbox.kernel.state(sandbox.kernel.services!.find(({ name }) => name === 'organizations')!, {
    partition: 'aws',
    account: '',
    region: 'us-east-1',
  }) as { organization: { root: string } };

describe('a service-managed StackSet', () => {
  it('reaches the active accounts of its units and of units below, and never the management account', async () => {
    await deploy(stackSet());
    expect(await own(SHOP)).toEqual(['first']);
    expect(await own(DATA)).toEqual(['first']);
    for (const account of [MANAGEMENT, CLOSED, OTHER_PLACE, DELEGATED])
      expect(await own(account)).not.toContain('first');
  });

  it('reaches an account that moves into a unit, and leaves one that moves out', async () => {
    await deploy(stackSet());
    await move(OTHER_PLACE, ROOT_UNIT);
    expect(await own(OTHER_PLACE)).toEqual(['first']);
    await move(OTHER_PLACE, rootId().organization.root);
    expect(await own(OTHER_PLACE)).toEqual([]);
  });

  it('retains its stack in an account that moves out, if it is configured so', async () => {
    await deploy(stackSet({ AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: true } }));
    await move(SHOP, rootId().organization.root);
    expect(await own(SHOP)).toEqual(['first']);
  });

  it('reaches an account that joins the organization', async () => {
    await deploy(stackSet());
    joinOrganization(sandbox.kernel, { id: '200000000009', name: 'acquired', ouPath: '/Workloads' });
    await sandbox.settled();
    expect(await own('200000000009')).toEqual(['first']);
  });

  it('does not follow accounts without automatic deployment', async () => {
    await deploy(stackSet({ AutoDeployment: { Enabled: false } }));
    await move(OTHER_PLACE, ROOT_UNIT);
    expect(await own(OTHER_PLACE)).toEqual([]);
  });

  it('updates every account with its template, and removes resources that it no longer has', async () => {
    await deploy(stackSet());
    await deploy(stackSet({ TemplateBody: member('second') }));
    expect([await own(SHOP), await own(DATA)]).toEqual([['second'], ['second']]);
  });

  it('uses a role that no principal of the account can assume', async () => {
    await deploy(stackSet());
    const [name] = (await rolesOf(SHOP)).filter((each) => /^stacksets-exec-[0-9a-f]{32}$/.test(each));
    const assume = new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${SHOP}:role/${name}`, RoleSessionName: 'me' });
    await expect(new STSClient(sandbox.administrator(SHOP)).send(assume)).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    const management = new STSClient(sandbox.administrator(MANAGEMENT));
    await expect(management.send(assume)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('may be created by a delegated administrator with CallAs', async () => {
    await deploy(stackSet({ CallAs: 'DELEGATED_ADMIN' }), DELEGATED);
    expect(await own(SHOP)).toEqual(['first']);
  });
});

it.each([
  ['a member account', stackSet(), SHOP, 'You must be the management account or delegated admin account'],
  ['a delegated administrator without CallAs', stackSet(), DELEGATED, 'You must be the management account'],
  [
    'the management account as delegated administrator',
    stackSet({ CallAs: 'DELEGATED_ADMIN' }),
    MANAGEMENT,
    'Account used is not a delegated administrator',
  ],
  [
    'named roles without the capability',
    stackSet({ Capabilities: [] }),
    MANAGEMENT,
    'Requires capabilities : [CAPABILITY_NAMED_IAM]',
  ],
  [
    'a template of more than 51,200 bytes inline',
    stackSet({ TemplateBody: member('a'.repeat(51_200)) }),
    MANAGEMENT,
    'length less than or equal to 51200',
  ],
  [
    'an unknown unit',
    stackSet({
      StackInstancesGroup: [
        { DeploymentTargets: { OrganizationalUnitIds: ['ou-test-nowhere1'] }, Regions: ['us-east-1'] },
      ],
    }),
    MANAGEMENT,
    'ou-test-nowhere1',
  ],
  [
    'self-managed permissions',
    stackSet({ PermissionModel: 'SELF_MANAGED' }),
    MANAGEMENT,
    'does not model StackSets with self-managed permissions',
  ],
  ['an unknown property', stackSet({ AdministrationRoleARN: 'x' }), MANAGEMENT, 'AdministrationRoleARN'],
  ['no template', stackSet({ TemplateBody: undefined }), MANAGEMENT, 'exactly one of TemplateBody and TemplateURL'],
])('a StackSet is refused with %s', async (_, properties, account, message) => {
  await expect(deploy(properties, account)).rejects.toThrow(message);
  expect(await own(SHOP)).toEqual([]);
});

it('a StackSet accepts a template in S3', async () => {
  const buckets = new S3Client({ ...sandbox.administrator(MANAGEMENT), region: 'us-east-1' });
  await buckets.send(new CreateBucketCommand({ Bucket: 'templates' }));
  await buckets.send(new PutObjectCommand({ Bucket: 'templates', Key: 'member.json', Body: member('uploaded') }));
  const uploaded = (key: string) =>
    stackSet({ TemplateBody: undefined, TemplateURL: `https://templates.s3.amazonaws.com/${key}` });
  await expect(deploy(uploaded('other.json'))).rejects.toThrow('S3 error: The specified key does not exist.');
  await deploy(uploaded('member.json'));
  expect(await own(SHOP)).toEqual(['uploaded']);
});

it('a StackSet is refused without trusted access', async () => {
  const { trusted } = rootId() as unknown as { trusted: Set<string> };
  trusted.clear();
  await expect(deploy(stackSet())).rejects.toThrow('You must enable organizations access');
});

describe('a service control policy of a template', () => {
  const policy = (more: object = {}) => ({
    Policy: {
      Type: 'AWS::Organizations::Policy',
      Properties: {
        Name: 'no-roles',
        Type: 'SERVICE_CONTROL_POLICY',
        TargetIds: [ROOT_UNIT],
        Content: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Deny',
              Action: 'iam:CreateRole',
              Resource: '*',
              Condition: { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/stacksets-exec-*' } },
            },
          ],
        },
        ...more,
      },
    },
  });
  const deployPolicy = (Resources: object, account = MANAGEMENT) =>
    deployTemplate(sandbox.kernel, { partition: 'aws', account, region: 'us-east-1' }, 'policy', { Resources });
  const make = (account: string) => {
    const { AssumeRolePolicyDocument } = role('made').Properties;
    const document = JSON.stringify(AssumeRolePolicyDocument);
    return new IAMClient(sandbox.administrator(account)).send(
      new CreateRoleCommand({ RoleName: 'made', AssumeRolePolicyDocument: document }),
    );
  };

  it('applies to the accounts of its targets, changes with its stack and is deleted with it', async () => {
    await deployPolicy(policy());
    await expect(make(SHOP)).rejects.toThrow('explicit deny in a service control policy');
    await expect(make(MANAGEMENT)).resolves.toBeDefined();
    await deployPolicy(policy({ TargetIds: [DATA] }));
    await expect(make(SHOP)).resolves.toBeDefined();
    await expect(make(DATA)).rejects.toThrow('service control policy');
    await deployPolicy({ Other: role('other') });
    await expect(make(DATA)).resolves.toBeDefined();
  });

  it('applies when a stack is deployed: to an administrator, not to StackSets', async () => {
    await deployPolicy(policy());
    await deploy(stackSet());
    expect(await own(SHOP)).toEqual(['first']);
    const place = { partition: 'aws', account: SHOP, region: 'us-east-1' };
    const template = { Resources: { Role: role('by-hand') } };
    await expect(deployTemplate(sandbox.kernel, place, 'by-hand', template)).rejects.toThrow('service control policy');
    expect(await own(SHOP)).toEqual(['first']);
  });

  it.each([
    ['in a member account', policy(), SHOP, "You don't have permissions to access this resource"],
    [
      'of another type',
      policy({ Type: 'TAG_POLICY' }),
      MANAGEMENT,
      'does not model organization policies of type TAG_POLICY',
    ],
    [
      'of more than 5,120 characters',
      policy({ Content: `{"Statement":[],"x":"${'x'.repeat(5120)}"}` }),
      MANAGEMENT,
      'maximum policy size',
    ],
    ['on an unknown target', policy({ TargetIds: ['ou-test-nowhere1'] }), MANAGEMENT, "target that doesn't exist"],
    ['with an unknown property', policy({ Effect: 'Deny' }), MANAGEMENT, 'Effect'],
  ])('is refused %s', async (_, resources, account, message) => {
    await expect(deployPolicy(resources, account)).rejects.toThrow(message);
  });
});

it('lets only the management account move accounts', async () => {
  await expect(move(SHOP, rootId().organization.root, SHOP)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(move(SHOP, 'ou-test-nowhere1')).rejects.toMatchObject({ name: 'DestinationParentNotFoundException' });
});
