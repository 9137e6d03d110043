/** The rollout: what is synthesized for whom, and what it does to an organization. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { memberTemplateCommand } from '../../cli/commands/member-template.ts';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { organizationOptions } from '../../lab/organization/organization.ts';
import { deployAssembly } from '../../sandbox/cloudformation/index.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import type { Principal } from '../../sandbox/kernel/kernel.ts';
import { iamStateOf } from '../../sandbox/services/iam/state.ts';
import { addStacks } from '../../stacks/app.ts';
import { roleProtection } from '../../stacks/constructs/role-protection.ts';
import { excludedAccounts, parseContext, type SutureContext } from '../../stacks/context.ts';
import { memberTemplate } from '../../stacks/member-template.ts';
import { INLINE_LIMIT, OrgRolloutStack } from '../../stacks/org-rollout.ts';
import { moveAccount, stackSetsIn } from '../support/rollout.ts';
import { dummyRemediations } from './dummies.ts';
import { SAMPLE_CONTEXT as bare, SAMPLE_POLICY } from './templates.ts';

const MANAGEMENT = '999999999999';
const DELEGATED = '888888888888';
const SHOP = '444444444444';
const ACQUIRED = '555555555555';
const UNIT = 'ou-test-workload';

const rollout = { managementAccount: MANAGEMENT, account: MANAGEMENT, units: [UNIT] };
/** Enough to have stacks of two families. */
const FEW = REMEDIATIONS.filter(({ id }) => /^(ec2\/close-admin-ports|iam\/deactivate)/.test(id));
const contextWith = (more: object = {}): SutureContext => parseContext({ ...bare, rollout: { ...rollout, ...more } });

const scratch = mkdtempSync(join(tmpdir(), 'suture-rollout-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** The directory of what CDK makes of an installation. */
function assemblyOf(context: SutureContext): string {
  const app = new App({ outdir: mkdtempSync(join(scratch, 'assembly-')), analyticsReporting: false });
  addStacks(app, { context, remediations: FEW, policy: SAMPLE_POLICY, bundles: () => Code.fromInline('exports.handler = 1') });
  return app.synth().directory;
}
/** The rollout's stack alone: with functions for all of them, 120 remediations take their time. */
function rolloutOf(context: SutureContext, all: readonly Remediation[]): string {
  const app = new App({ outdir: mkdtempSync(join(scratch, 'assembly-')), analyticsReporting: false });
  const env = { account: MANAGEMENT, region: context.homeRegion };
  new OrgRolloutStack(app, 'SutureOrgRollout', { context, rollout: context.rollout!, remediations: all, env });
  return app.synth().directory;
}
const templateIn = (directory: string, name: string) =>
  JSON.parse(readFileSync(join(directory, `${name}.template.json`), 'utf8'));
const stackSetIn = (directory: string) =>
  (Object.values(templateIn(directory, 'SutureOrgRollout').Resources) as any[]).find(
    ({ Type }) => Type === 'AWS::CloudFormation::StackSet',
  ).Properties;
const stacksOf = (directory: string) =>
  readdirSync(directory).flatMap((file) => /^(Suture(?!Remediations).*)\.template\.json$/.exec(file)?.[1] ?? []);

describe('the rollout, synthesized', () => {
  const directory = assemblyOf(contextWith());

  it('is a StackSet that follows the accounts of its units, in one Region', () => {
    expect(stackSetIn(directory)).toMatchObject({
      PermissionModel: 'SERVICE_MANAGED',
      AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
      CallAs: 'SELF',
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      StackInstancesGroup: [{ DeploymentTargets: { OrganizationalUnitIds: [UNIT] }, Regions: [bare.homeRegion] }],
    });
  });

  it('brings the template of SutureMemberRole, minified: no parameters, rules or assets', () => {
    const { TemplateBody, TemplateURL } = stackSetIn(directory);
    expect(TemplateURL).toBeUndefined();
    expect(JSON.parse(TemplateBody)).toEqual(templateIn(directory, 'SutureMemberRole'));
    expect(TemplateBody).toBe(JSON.stringify(JSON.parse(TemplateBody)));
    expect(Object.keys(JSON.parse(TemplateBody)).sort()).toEqual(['Description', 'Resources']);
  });

  it('of 120 remediations goes by URL, because it is longer than StackSets take inline', () => {
    const many = dummyRemediations(120);
    const large = rolloutOf(contextWith(), many);
    const { TemplateBody, TemplateURL } = stackSetIn(large);
    expect(TemplateBody).toBeUndefined();
    const [, asset] = /([0-9a-f]{64})\.json/.exec(JSON.stringify(TemplateURL))!;
    const template = readFileSync(join(large, `asset.${asset}.json`), 'utf8');
    expect(template).toBe(memberTemplate(contextWith(), many));
    expect(Buffer.byteLength(template)).toBeGreaterThan(INLINE_LIMIT);
    expect(JSON.stringify(TemplateURL)).toContain(`cdk-hnb659fds-assets-${MANAGEMENT}-${bare.homeRegion}`);
  });

  it('is deployed last, after everything that checks', () => {
    const { artifacts } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    const deployedBefore = (name: string): string[] =>
      (artifacts[name].dependencies ?? []).flatMap((each: string) => [each, ...deployedBefore(each)]);
    expect(deployedBefore('SutureOrgRollout')).toEqual(
      expect.arrayContaining(['SutureSecurity', 'SutureService', 'SutureRemediations-ec2', 'SutureRemediations-iam']),
    );
  });

  it('is left out where the context says nothing of it', () => {
    expect(stacksOf(assemblyOf(bare))).not.toContain('SutureOrgRollout');
  });

  it("by a delegated administrator leaves the policy to the management account's own stack", () => {
    const delegated = assemblyOf(contextWith({ account: DELEGATED }));
    expect(stackSetIn(delegated).CallAs).toBe('DELEGATED_ADMIN');
    const types = (name: string) =>
      (Object.values(templateIn(delegated, name).Resources) as any[]).map(({ Type }) => Type);
    expect(types('SutureOrgRollout')).toEqual(['AWS::CloudFormation::StackSet']);
    expect(types('SutureRoleProtection')).toEqual(['AWS::Organizations::Policy']);
    const { artifacts } = JSON.parse(readFileSync(join(delegated, 'manifest.json'), 'utf8'));
    expect(artifacts.SutureOrgRollout.environment).toBe(`aws://${DELEGATED}/${bare.homeRegion}`);
    expect(artifacts.SutureRoleProtection.environment).toBe(`aws://${MANAGEMENT}/${bare.homeRegion}`);
  });

  it('says of the policy whom it does not bind', () => {
    const { Description } = (Object.values(templateIn(directory, 'SutureOrgRollout').Resources) as any[]).find(
      ({ Type }) => Type === 'AWS::Organizations::Policy',
    ).Properties;
    expect(Description).toContain('Binds nobody in the management account');
    expect(Description.length).toBeLessThanOrEqual(512);
    expect(JSON.stringify(roleProtection('aws-us-gov')).length).toBeLessThanOrEqual(5120);
  });

  it.each(['aws', 'aws-cn', 'aws-us-gov'] as const)('names no other partition than %s', (partition) => {
    const text = JSON.stringify(templateIn(assemblyOf({ ...contextWith(), partition }), 'SutureOrgRollout'));
    expect(new Set([...text.matchAll(/arn:(aws[\w-]*):/g)].map(([, found]) => found))).toEqual(new Set([partition]));
  });
});

describe('the management account', () => {
  it('is excluded from remediation and gets no role', () => {
    expect(excludedAccounts(contextWith())).toContain(MANAGEMENT);
    expect(stacksOf(assemblyOf(contextWith()))).not.toContain('SutureManagementRole');
  });
  it('is included, with a role of its own stack, once the context says so', () => {
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

/** An organization into which only the rollout is deployed. */
async function rolledOut(context: SutureContext) {
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
  it('makes the role in accounts of its units, and in one that moves there; one that leaves loses it', async () => {
    const installed = await rolledOut(contextWith());
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

  it('makes the role in the management account on request alone', async () => {
    const { sandbox } = await rolledOut(contextWith({ roleInManagementAccount: true }));
    expect(hasRole(sandbox, MANAGEMENT)).toBe(true);
  });

  it('by a delegated administrator reaches the same accounts, under the same protection', async () => {
    const { sandbox } = await rolledOut(contextWith({ account: DELEGATED }));
    expect(hasRole(sandbox, SHOP)).toBe(true);
    const role = new DeleteRoleCommand({ RoleName: 'suture-member' });
    await expect(new IAMClient(sandbox.administrator(SHOP)).send(role)).rejects.toThrow('service control policy');
  });

  it('of 120 remediations arrives by way of the bucket, and later with fewer inline', async () => {
    const installed = await rolledOut(contextWith());
    await deployRollout(installed.sandbox, contextWith(), rolloutOf(contextWith(), dummyRemediations(120)));
    const policies = () => iamStateOf(installed.sandbox.kernel, SHOP).roles.get('suture-member')!.attached;
    expect(policies().length).toBeGreaterThan(5);
    await deployRollout(installed.sandbox, contextWith());
    expect(policies()).toHaveLength(1);
  });
});

describe('the role that was rolled out', () => {
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
    'one policy less': (client, account) =>
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
  const LAST: typeof CHANGES = {
    'a policy deleted': (client, account) => client.send(new DeletePolicyCommand({ PolicyArn: managed(account) })),
    'the role deleted': (client) => client.send(new DeleteRoleCommand({ RoleName })),
    'a role that poses as that of StackSets': (client, account) =>
      client.send(new CreateRoleCommand({ RoleName: 'stacksets-exec-mine', AssumeRolePolicyDocument: trust(account) })),
  };

  let installed: Awaited<ReturnType<typeof rolledOut>>;
  let own: Sandbox;
  beforeAll(async () => {
    installed = await rolledOut(contextWith({ roleInManagementAccount: true }));
    own = installed.sandbox;
    sandbox = undefined;
  });
  afterAll(() => own.close());

  const root = (account: string): Principal => ({ kind: 'root', arn: `arn:aws:iam::${account}:root`, account });
  const stateOf = (account: string) => structuredClone(iamStateOf(own.kernel, account));

  it.each(Object.entries({ ...CHANGES, ...LAST }))(
    "keeps from the account's administrator, and from its root user: %s",
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

  it.each(Object.entries(CHANGES))('lets StackSets: %s', async (_, change) => {
    const before = own.snapshot();
    await expect(change(new IAMClient(stackSetsIn(installed, SHOP)), SHOP)).resolves.toBeDefined();
    own.restore(before);
  });

  it.each(Object.entries(CHANGES))('is not protected in the management account: %s', async (_, change) => {
    const before = own.snapshot();
    await expect(change(new IAMClient(own.administrator(MANAGEMENT)), MANAGEMENT)).resolves.toBeDefined();
    own.restore(before);
  });

  it('may be looked at by anyone', async () => {
    const get = new GetRoleCommand({ RoleName });
    await expect(new IAMClient(own.administrator(SHOP)).send(get)).resolves.toBeDefined();
  });

  it("leaves an account's other roles to it", async () => {
    const make = new CreateRoleCommand({ RoleName: 'own', AssumeRolePolicyDocument: trust(SHOP) });
    await expect(new IAMClient(own.administrator(SHOP)).send(make)).resolves.toBeDefined();
  });
});

describe('a context that would deploy in the wrong order or place', () => {
  test.each([
    [
      'no unit',
      { units: [] },
      'context.suture.rollout.units is []: expected at least one unit: without any, no account gets the role',
    ],
    [
      'a unit that is none',
      { units: ['Workloads'] },
      'context.suture.rollout.units.0 is "Workloads": expected the id of a unit or the root',
    ],
    ['no management account', { managementAccount: undefined }, 'context.suture.rollout.managementAccount is missing'],
    [
      'the service account as management account',
      { managementAccount: bare.serviceAccount },
      'no service control policy would bind what runs there',
    ],
    [
      'the security account as management account',
      { managementAccount: bare.securityAccount },
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
  test('is refused: one account for both of Suture', () => {
    expect(() => parseContext({ ...bare, serviceAccount: bare.securityAccount })).toThrow(
      'expected another account than securityAccount',
    );
  });
});

describe('suture member-template', () => {
  it('prints what StackSets deploy, for single accounts', async () => {
    expect(await memberTemplateCommand({ context: contextWith() })).toBe(memberTemplate(contextWith(), REMEDIATIONS));
  });
  it('writes it to a file, and says what to do with it', async () => {
    const output = join(scratch, 'member.json');
    const said = await memberTemplateCommand({ context: contextWith(), output });
    expect(readFileSync(output, 'utf8')).toBe(`${memberTemplate(contextWith(), REMEDIATIONS)}\n`);
    expect(said).toContain('--capabilities CAPABILITY_NAMED_IAM');
  });
  it('refuses the accounts of the example, which are nobody’s', async () => {
    const example = { ...contextWith(), organizationId: 'o-sandbox0001' };
    await expect(memberTemplateCommand({ context: example })).rejects.toThrow('cdk.json still names the example');
    await expect(memberTemplateCommand({ context: example, example: true })).resolves.toContain('o-sandbox0001');
  });
});
