/** `suture rollout` in an organization of several units: a canary first, then unit by unit, and no further than a failure. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  DescribeStackSetOperationCommand,
  ListStackInstancesCommand,
  ListStackSetOperationsCommand,
  UpdateStackSetCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateRoleCommand, DeleteRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rolloutCommand } from '../../../cli/commands/rollout.ts';
import type { RolloutOptions } from '../../../cli/rollout/options.ts';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { type ClientSettings, createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { iamStateOf } from '../../../sandbox/services/iam/state.ts';
import { createSession } from '../../../sandbox/services/sts/assume.ts';
import { parseContext, readCdkJsonContext, type SutureContext } from '../../../stacks/context.ts';

const [MANAGEMENT, DELEGATED] = ['100000000001', '100000000002'] as const;
const [FIRST, SECOND] = ['200000000001', '200000000002'] as const;
const [PAY, SHIP] = ['200000000003', '200000000004'] as const;
const [TRIAL, CLOSED, OTHER_PLACE] = ['200000000005', '200000000006', '200000000007'] as const;
const MEMBERS = [FIRST, SECOND, PAY, SHIP, TRIAL];
const UNIT = 'ou-test-workloads';
const STACK_SET = 'suture-member-role';
const TRUSTED = 'member.org.stacksets.cloudformation.amazonaws.com';
const SCRATCH = mkdtempSync(join(tmpdir(), 'suture-rollout-command-'));
afterAll(() => rmSync(SCRATCH, { recursive: true }));

const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const role = (RoleName: string) => ({
  Type: 'AWS::IAM::Role',
  Properties: { RoleName, AssumeRolePolicyDocument: TRUST },
});
const template = (...names: string[]) =>
  JSON.stringify({ Resources: Object.fromEntries(names.map((name) => [name, role(name)])) });
/** Every account refuses the second role of a name. */
const REFUSED = JSON.stringify({ Resources: { first: role('first'), one: role('twice'), two: role('twice') } });

let sandbox: Sandbox;
let context: SutureContext;
const place = (account: string) => ({ partition: 'aws', account, region: context.homeRegion });

async function install(account: string = MANAGEMENT, isManaged = true): Promise<void> {
  const { prefix: _, ...given } = await readCdkJsonContext();
  const rollout = { managementAccount: MANAGEMENT, account, units: [UNIT] };
  context = parseContext({ ...given, rollout });
  sandbox = await createSandbox({
    organization: {
      id: context.organizationId,
      managementAccount: MANAGEMENT,
      unitIds: { '/Workloads': UNIT },
      trustedServices: [TRUSTED],
      delegatedAdministrators: { [TRUSTED]: [DELEGATED] },
      accounts: [
        { id: MANAGEMENT, name: 'management' },
        { id: DELEGATED, name: 'delegated' },
        { id: PAY, name: 'pay', ouPath: '/Workloads/Production' },
        { id: SHIP, name: 'ship', ouPath: '/Workloads/Production' },
        { id: FIRST, name: 'first', ouPath: '/Workloads/Canary' },
        { id: SECOND, name: 'second', ouPath: '/Workloads/Canary/Second' },
        { id: TRIAL, name: 'trial', ouPath: '/Workloads' },
        { id: CLOSED, name: 'closed', ouPath: '/Workloads' },
        { id: OTHER_PLACE, name: 'elsewhere', ouPath: '/Elsewhere' },
      ],
    },
    homeRegion: context.homeRegion,
  });
  await deployStack(template('first'), { account, isManaged });
}
const deployStack = (TemplateBody: string, { account = MANAGEMENT as string, isManaged = true } = {}) =>
  deployTemplate(sandbox.kernel, place(account), 'SutureOrgRollout', rolloutStack(TemplateBody, account, isManaged));
const rolloutStack = (TemplateBody: string, account: string, Active: boolean) => ({
  Resources: {
    MemberRole: {
      Type: 'AWS::CloudFormation::StackSet',
      Properties: {
        StackSetName: STACK_SET,
        PermissionModel: 'SERVICE_MANAGED',
        CallAs: account === MANAGEMENT ? 'SELF' : 'DELEGATED_ADMIN',
        Capabilities: ['CAPABILITY_NAMED_IAM'],
        ManagedExecution: { Active },
        OperationPreferences: {
          MaxConcurrentPercentage: 5,
          FailureToleranceCount: 0,
          ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE',
        },
        StackInstancesGroup: [{ DeploymentTargets: { OrganizationalUnitIds: [UNIT] }, Regions: [context.homeRegion] }],
        TemplateBody,
      },
    },
  },
});
beforeEach(() => install());
afterEach(() => sandbox.close());

const LINES: string[] = [];
function file(text: string): string {
  const path = join(SCRATCH, 'member.json');
  writeFileSync(path, text);
  return path;
}
const rollout = async (text: string, options: RolloutOptions = {}) => {
  LINES.length = 0;
  const { clock } = sandbox.kernel;
  const result = await rolloutCommand({
    ...{ aws: sandbox.administrator(context.rollout!.account), context, yes: true },
    ...{ now: () => clock.now(), sleep: (milliseconds: number) => clock.sleep(milliseconds) },
    ...{ progress: (line: string) => LINES.push(line), canary: '/Workloads/Canary', template: file(text), ...options },
  });
  return { ...result, text: result.text as string };
};
const report = async (text: string, options: RolloutOptions = {}) => {
  const { text: json, failed } = await rollout(text, { json: true, ...options });
  return { ...JSON.parse(json), failed };
};
const having = (name: string) => MEMBERS.filter((account) => iamStateOf(sandbox.kernel, account).roles.has(name));
const client = () => new CloudFormationClient({ ...sandbox.administrator(MANAGEMENT), region: context.homeRegion });
async function operations() {
  const { Summaries = [] } = await client().send(new ListStackSetOperationsCommand({ StackSetName: STACK_SET }));
  return Summaries.filter(({ Action }) => Action === 'UPDATE').reverse();
}
/** The accounts of each update, in its order. */
async function updated(): Promise<string[][]> {
  const all: string[][] = [];
  for (const { OperationId } of await operations()) {
    const command = new DescribeStackSetOperationCommand({ StackSetName: STACK_SET, OperationId });
    const { StackSetOperation } = await client().send(command);
    all.push(StackSetOperation!.DeploymentTargets!.Accounts ?? []);
  }
  return all;
}
async function statuses() {
  const { Summaries = [] } = await client().send(new ListStackInstancesCommand({ StackSetName: STACK_SET }));
  return Object.fromEntries(Summaries.map(({ Account, Status }) => [Account, Status]));
}
const iam = (account: string) => new IAMClient(sandbox.administrator(account));
const makeRole = (account: string, RoleName: string) =>
  iam(account).send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(TRUST) }));
const suspend = (account: string) => {
  const service = sandbox.kernel.services!.find(({ name }) => name === 'organizations')!;
  const state = sandbox.kernel.state(service, place('')) as { accounts: Map<string, { status: string }> };
  state.accounts.get(account)!.status = 'SUSPENDED';
};
const OPERATE_BY_HAND = { StackSetName: STACK_SET, UsePreviousTemplate: true, Capabilities: ['CAPABILITY_NAMED_IAM'] };
const operateByHand = () => client().send(new UpdateStackSetCommand(OPERATE_BY_HAND as never));

describe('a good template', () => {
  it('goes to the canary and what is below it, then unit by unit, each in an operation of its own', async () => {
    const { units, failed } = await report(template('first', 'second'));
    expect(failed).toBe(false);
    expect(units.map(({ unit, status, accounts }: any) => [unit, status, accounts])).toEqual([
      ['/Workloads/Canary', 'updated', 2],
      ['/Workloads', 'updated', 2],
      ['/Workloads/Production', 'updated', 2],
    ]);
    expect(await updated()).toEqual([
      [FIRST, SECOND],
      [TRIAL, CLOSED],
      [PAY, SHIP],
    ]);
    expect(having('second')).toEqual(MEMBERS);
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(['CURRENT']));
    expect((await operations()).map(({ OperationPreferences }) => OperationPreferences)).toEqual([
      { FailureToleranceCount: 0, MaxConcurrentCount: 1, ConcurrencyMode: 'STRICT_FAILURE_TOLERANCE' },
      ...Array(2).fill({
        FailureToleranceCount: 0,
        MaxConcurrentPercentage: 10,
        ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE',
      }),
    ]);
  });

  it('goes to the named units alone, in their order', async () => {
    const { text } = await rollout(template('second'), { ou: ['/Workloads/Production'], atOnce: 50 });
    expect(text).toContain('2 accounts of other units lack the template.');
    expect(await updated()).toEqual([
      [FIRST, SECOND],
      [PAY, SHIP],
    ]);
    expect((await operations())[1]!.OperationPreferences).toMatchObject({ MaxConcurrentPercentage: 50 });
    expect(await statuses()).toMatchObject({ [TRIAL]: 'OUTDATED', [PAY]: 'CURRENT' });
    const rest = await rollout(template('second'));
    expect(rest.text).toContain('Do not deploy SutureOrgRollout with another template than this one');
    expect((await updated()).slice(2)).toEqual([[TRIAL, CLOSED]]);
  });

  it('is not rolled out again, nor by the deployment of the stack, which changes no account', async () => {
    await rollout(template('second'));
    const before = MEMBERS.map((account) => structuredClone(iamStateOf(sandbox.kernel, account).roles));
    const { text } = await rollout(`\n${JSON.stringify(JSON.parse(template('second')), null, 2)}\n`);
    expect(text).toContain('Every account has the template.');
    expect(await updated()).toHaveLength(3);
    await deployStack(template('second'));
    expect(MEMBERS.map((account) => iamStateOf(sandbox.kernel, account).roles)).toEqual(before);
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(['CURRENT']));
  });

  it('is shown and goes nowhere with --dry-run', async () => {
    const { text } = await rollout(template('second'), { dryRun: true });
    expect(text).toContain('which is new to the StackSet');
    expect(text).toMatch(/1 +2 +2 +\/Workloads\/Canary \(canary\)\n2 +2 +2 +\/Workloads\n/);
    expect(await updated()).toEqual([]);
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(['CURRENT']));
  });

  it('is the one of SutureOrgRollout in cdk.out unless a file is named', async () => {
    const stack = JSON.stringify(rolloutStack(template('synthesized'), MANAGEMENT, true));
    writeFileSync(join(SCRATCH, 'SutureOrgRollout.template.json'), stack);
    const { text } = await rollout('', { template: undefined, directory: SCRATCH } as never);
    expect(text).toContain('Now deploy the stack');
    expect(having('synthesized')).toEqual(MEMBERS);
  });

  it('comes to accounts of a delegated administrator, with its own name for it', async () => {
    await sandbox.close();
    await install(DELEGATED);
    expect((await report(template('second'))).failed).toBe(false);
    expect(having('second')).toEqual(MEMBERS);
  });

  it('leaves out suspended accounts, and says so', async () => {
    suspend(CLOSED);
    const { leftOut, failed } = await report(template('second'));
    expect([leftOut, failed]).toEqual([
      [{ account: CLOSED, reason: 'the account is SUSPENDED', isProblem: false }],
      false,
    ]);
    expect((await updated())[1]).toEqual([TRIAL]);
  });
});

describe('a template that fails', () => {
  it('in the canary stops at its first account, and touches no other', async () => {
    const { text, failed } = await rollout(REFUSED);
    expect(failed).toBe(true);
    expect(await updated()).toEqual([[FIRST, SECOND]]);
    expect(text).toMatch(/Canary failed:\n {2}200000000001: .*twice/);
    expect(text).toContain('Not begun: /Workloads, /Workloads/Production.');
    expect(text).toContain('npm run -s suture -- rollout --canary /Workloads/Canary --template');
    expect(await statuses()).toMatchObject({ [FIRST]: 'OUTDATED', [SECOND]: 'OUTDATED', [PAY]: 'OUTDATED' });
    expect(having('first')).toEqual(MEMBERS);
    const [operation] = await operations();
    expect(operation).toMatchObject({ Status: 'FAILED', StatusDetails: { FailedStackInstancesCount: 1 } });
  });

  it('is taken back by the one before', async () => {
    await rollout(REFUSED);
    expect((await report(template('first'))).failed).toBe(false);
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(['CURRENT']));
  });

  it('in a later unit stops there, and the same command goes on where it stopped', async () => {
    await makeRole(TRIAL, 'second');
    const first = await report(template('second'));
    expect(first.failed).toBe(true);
    expect(first.units.map(({ unit, status }: any) => [unit, status])).toEqual([
      ['/Workloads/Canary', 'updated'],
      ['/Workloads', 'failed'],
      ['/Workloads/Production', 'not begun'],
    ]);
    expect(first.units[1].failures).toMatchObject([{ account: TRIAL, reason: expect.stringContaining('second') }]);
    expect(having('second')).toEqual([FIRST, SECOND, TRIAL]);
    await iam(TRIAL).send(new DeleteRoleCommand({ RoleName: 'second' }));
    const again = await report(template('second'));
    expect(again.units.map(({ unit, status }: any) => [unit, status])).toEqual([
      ['/Workloads/Canary', 'current'],
      ['/Workloads', 'updated'],
      ['/Workloads/Production', 'updated'],
    ]);
    expect(having('second')).toEqual(MEMBERS);
    expect((await updated()).flat()).not.toContain(OTHER_PLACE);
  });
});

describe('a template that is too large to be sent', () => {
  const LARGE = JSON.stringify({ Metadata: 'x'.repeat(51_200), ...JSON.parse(template('first', 'second')) });
  const URL = 'https://templates.s3.amazonaws.com/member.json';

  it('is read from where a person uploaded it, and the same command finds nothing more to do', async () => {
    const buckets = new S3Client({ ...sandbox.administrator(MANAGEMENT), region: 'us-east-1' });
    await buckets.send(new CreateBucketCommand({ Bucket: 'templates' }));
    await buckets.send(new PutObjectCommand({ Bucket: 'templates', Key: 'member.json', Body: LARGE }));
    expect((await report(LARGE, { templateUrl: URL })).failed).toBe(false);
    expect(having('second')).toEqual(MEMBERS);
    const { text } = await rollout(LARGE, { templateUrl: URL });
    expect(text).toContain('Every account has the template.');
  });

  it('reaches nobody if it is not there', async () => {
    await expect(rollout(LARGE, { templateUrl: URL })).rejects.toThrow('S3 error: The specified bucket does not exist');
    expect(having('second')).toEqual([]);
    expect(await operations()).toEqual([]);
  });
});

describe('an interrupted rollout', () => {
  /** Ends the run at its first wait for an operation, whose time stands still then. */
  async function killed(text: string) {
    let isWaiting = false;
    const { clock } = sandbox.kernel;
    const hold = clock.hold();
    const run = rollout(text, {
      progress: (line: string) => {
        if (line.includes(': updating')) isWaiting = true;
      },
      sleep: async () => {
        if (isWaiting) throw new Error('killed');
      },
    });
    await expect(run).rejects.toThrow('killed');
    return hold;
  }

  it('that was killed is continued after the operation that it began', async () => {
    const hold = await killed(template('second'));
    expect(having('second')).toEqual([]);
    const again = await report(template('second'), {
      progress: (line) => {
        if (line.startsWith('waiting for the operation suture-rollout-')) hold.release();
      },
    });
    expect(again.failed).toBe(false);
    expect(again.units.map(({ status }: any) => status)).toEqual(['current', 'updated', 'updated']);
    expect(await updated()).toEqual([
      [FIRST, SECOND],
      [TRIAL, CLOSED],
      [PAY, SHIP],
    ]);
  });

  it('that was killed in a failing canary begins no further unit', async () => {
    const hold = await killed(REFUSED);
    const again = await report(REFUSED, { progress: () => hold.release() });
    expect(again).toMatchObject({ failed: true, units: [], earlierFailures: [{ account: FIRST }] });
    expect(await updated()).toEqual([[FIRST, SECOND]]);
  });

  it('ends after the unit that was begun when a person presses Ctrl-C', async () => {
    const controller = new AbortController();
    const run = rollout(template('second'), {
      signal: controller.signal,
      progress: (line) => {
        if (line.includes(': updating')) controller.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ name: 'Interrupted', message: /\/Workloads\/Canary done/ });
    expect(having('second')).toEqual([FIRST, SECOND]);
  });
});

describe('a rollout is refused', () => {
  it('in another account than the one of the StackSet', async () => {
    const run = rollout(template('second'), { aws: sandbox.administrator(PAY) });
    await expect(run).rejects.toMatchObject({
      name: 'Unreachable',
      message: expect.stringContaining(`the StackSet is in account ${MANAGEMENT}`),
    });
    expect(await updated()).toEqual([]);
  });

  it('while another operation is under way', async () => {
    const hold = sandbox.kernel.clock.hold();
    await operateByHand();
    const sleep = async () => {
      throw new Error('it waited');
    };
    await expect(rollout(template('second'), { sleep })).rejects.toThrow(
      /Another operation of the StackSet is under way, and nothing was begun/,
    );
    expect(await operations()).toHaveLength(1);
    hold.release();
  });

  it('if another operation begins in between', async () => {
    await sandbox.close();
    await install(MANAGEMENT, false);
    const hold = sandbox.kernel.clock.hold();
    let isBegun = false;
    const run = rollout(template('second'), {
      sleep: async () => {
        if (!isBegun) await operateByHand();
        isBegun = true;
      },
    });
    await expect(run).rejects.toThrow(/under way, and nothing was begun: .*is in progress/);
    expect(await operations()).toHaveLength(1);
    hold.release();
  });

  it.each([
    ['without a canary', { canary: undefined }, /Name the unit that goes first: .*\/Workloads\/Canary \(1\), /],
    ['with a unit that does not exist', { canary: '/Workloads/Canry' }, /did you mean \/Workloads\/Canary\?/],
    [
      'with a unit without the role',
      { canary: '/Elsewhere' },
      /\/Elsewhere has no active account with the member role/,
    ],
    ['with more than all accounts at once', { atOnce: 101 }, /--at-once takes 1 to 100 percent/],
    ['with another address than an https one', { templateUrl: 's3://b/k' }, /--template-url takes the https address/],
    ['without a synthesis', { template: undefined, directory: '/nowhere' }, /Synthesize the stacks first/],
  ])('%s', async (_, options, message) => {
    await expect(rollout(template('second'), options as never)).rejects.toThrow(message);
    expect(await updated()).toEqual([]);
  });

  it('with a template that is too large to be sent', async () => {
    const large = JSON.stringify({ Description: 'x'.repeat(51_200), Resources: { first: role('first') } });
    await expect(rollout(large)).rejects.toThrow('name its https address: --template-url');
  });

  it('without a StackSet', async () => {
    await deployTemplate(sandbox.kernel, place(MANAGEMENT), 'SutureOrgRollout', { Resources: { role: role('other') } });
    await expect(rollout(template('second'))).rejects.toThrow('There is no StackSet suture-member-role');
  });
});

describe('the permissions of docs/deploy.md', () => {
  const blocks = [...readFileSync('docs/deploy.md', 'utf8').matchAll(/```json\n([^`]+)```/g)].map(
    ([, block]) => block!,
  );
  const policy = blocks.find((block) => block.includes('cloudformation:UpdateStackSet'))!;
  const as = async (document: string): Promise<ClientSettings> => {
    await makeRole(MANAGEMENT, 'releaser');
    const put = { RoleName: 'releaser', PolicyName: 'permissions', PolicyDocument: document };
    await iam(MANAGEMENT).send(new PutRolePolicyCommand(put));
    const releaser = iamStateOf(sandbox.kernel, MANAGEMENT).roles.get('releaser')!;
    return sandbox.clientSettings(createSession(sandbox.kernel, releaser, 'releaser'));
  };

  it('are enough but for a template in S3, which needs its object', async () => {
    const buckets = new S3Client({ ...sandbox.administrator(MANAGEMENT), region: 'us-east-1' });
    await buckets.send(new CreateBucketCommand({ Bucket: 'templates' }));
    await buckets.send(new PutObjectCommand({ Bucket: 'templates', Key: 'member.json', Body: template('second') }));
    const update = { templateUrl: 'https://templates.s3.amazonaws.com/member.json', aws: await as(policy) };
    await expect(rollout(template('second'), update)).rejects.toThrow('S3 error: Access Denied');
    const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::templates/member.json' };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const put = { RoleName: 'releaser', PolicyName: 'template', PolicyDocument };
    await iam(MANAGEMENT).send(new PutRolePolicyCommand(put));
    expect((await report(template('second'), update)).failed).toBe(false);
  });

  it('are enough', async () => {
    expect((await report(template('second'), { aws: await as(policy) })).failed).toBe(false);
    expect(having('second')).toEqual(MEMBERS);
  });

  it.each([...policy.matchAll(/"((?:cloudformation|organizations):\w+)"/g)].map(([, action]) => action!))(
    'are needed: %s',
    async (action) => {
      const aws = await as(policy.replace(`"${action}"`, '"cloudformation:ListStackSets"'));
      await expect(rollout(template('second'), { aws })).rejects.toThrow(action);
      expect(having('second')).not.toContain(PAY);
    },
  );
});
