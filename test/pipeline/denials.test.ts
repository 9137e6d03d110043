/** Removes one permission at a time: the failure names the cause, and a redrive succeeds after the fix. */
import {
  CreatePolicyVersionCommand,
  DeleteRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  PutRolePolicyCommand,
  SetDefaultPolicyVersionCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { GetKeyPolicyCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { IamPolicy, IamStatement } from '../../sandbox/authorization/policy.ts';
import { organizationState } from '../../sandbox/services/organizations/look-up.ts';
import { attachScp } from '../../sandbox/services/organizations/set-up.ts';
import {
  ACQUIRED,
  type Pipeline,
  type PipelineExecution,
  REMEDIATION_PATH,
  SHOP,
  startPipeline,
} from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';
import { moveAccount, stackSetsIn } from '../support/rollout.ts';

const CLOSE_PORTS = 'ec2/close-admin-ports';
const REVOKE = 'ec2:RevokeSecurityGroupIngress';

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'auto', 'KMS.4': 'auto', 'S3.8': 'auto' } });
});
afterAll(() => suture.sandbox.close());

type RemovePermission = (finding: ControlFinding) => Promise<() => unknown>;
type MissingPermission = {
  readonly control?: 'EC2.13' | 'KMS.4';
  readonly account?: string;
  readonly remove: RemovePermission;
  readonly error: 'MemberRoleUnavailable' | 'MemberAccessDenied';
  readonly action: string;
  readonly firstCause: string;
};

/** Signs as StackSets: a service control policy denies changes of the member role by others. */
const iam = (account: string) =>
  new IAMClient(account === SHOP ? stackSetsIn(suture, SHOP) : suture.sandbox.administrator(account));
const memberRole = (account: string) => `arn:aws:iam::${account}:role/suture/suture-member`;

const trustPolicy =
  (change: (text: string) => string): RemovePermission =>
  async () => {
    const RoleName = 'suture-member';
    const { Role } = await iam(SHOP).send(new GetRoleCommand({ RoleName }));
    const before = decodeURIComponent(Role!.AssumeRolePolicyDocument!);
    const put = (PolicyDocument: string) =>
      iam(SHOP).send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    expect(change(before)).not.toBe(before);
    await put(change(before));
    return () => put(before);
  };
const boundary: RemovePermission = async () => {
  const PolicyArn = `arn:aws:iam::${SHOP}:policy/suture/suture-member-boundary`;
  const Statement = [{ Effect: 'Allow', Action: ['ec2:Describe*', 'cloudformation:Describe*'], Resource: '*' }];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam(SHOP).send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
  return () => iam(SHOP).send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
};

const scp =
  (account: () => string, Action: string): RemovePermission =>
  async () => {
    const Statement = [{ Effect: 'Deny' as const, Action, Resource: '*' }];
    attachScp(suture.kernel, account(), { Version: '2012-10-17', Statement });
    const { attached } = organizationState(suture.kernel);
    return () => attached.set(account(), attached.get(account())!.slice(0, -1));
  };

const sessionPolicy: RemovePermission = async () => {
  const { faults } = suture.kernel;
  faults.push(({ operation, input }) => {
    if (operation === 'AssumeRole' && input.Policy) input.Policy = input.Policy.replaceAll(REVOKE, 'ec2:CreateTags');
    return undefined;
  });
  return () => faults.pop();
};

/** Takes the remediation's tag out of each condition; a statement of that tag alone goes. */
const identityPolicy: RemovePermission = async () => {
  const client = iam(SHOP);
  const { AttachedPolicies } = await client.send(new ListAttachedRolePoliciesCommand({ RoleName: 'suture-member' }));
  const changed: { readonly PolicyArn: string; readonly VersionId: string }[] = [];
  for (const { PolicyArn = '' } of AttachedPolicies!) {
    const { Policy } = await client.send(new GetPolicyCommand({ PolicyArn }));
    const before = { PolicyArn, VersionId: Policy!.DefaultVersionId! };
    const { PolicyVersion } = await client.send(new GetPolicyVersionCommand(before));
    const document: IamPolicy = JSON.parse(decodeURIComponent(PolicyVersion!.Document!));
    const Statement = [document.Statement].flat().flatMap(withoutTag);
    const PolicyDocument = JSON.stringify({ ...document, Statement });
    if (PolicyDocument === JSON.stringify(document)) continue;
    await client.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
    changed.push(before);
  }
  expect(changed).not.toEqual([]);
  return () => Promise.all(changed.map((before) => client.send(new SetDefaultPolicyVersionCommand(before))));
};

function withoutTag(statement: IamStatement) {
  // The role reads its own version in every session.
  if (!statement.Condition) return [statement];
  const [key, tags] = Object.entries(statement.Condition!.StringEquals!)[0]!;
  const others = [tags].flat().filter((tag) => tag !== CLOSE_PORTS);
  return others.length === 0 ? [] : [{ ...statement, Condition: { StringEquals: { [key]: others } } }];
}

const executionRole: RemovePermission = async () => {
  const client = iam(suture.context.serviceAccount);
  const policy = { RoleName: 'suture-ec2-close-admin-ports', PolicyName: 'permissions' };
  const { PolicyDocument } = await client.send(new GetRolePolicyCommand(policy));
  const document: IamPolicy = JSON.parse(decodeURIComponent(PolicyDocument!));
  const Statement = [document.Statement].flat().filter(({ Action }) => ![Action].flat().includes('sts:AssumeRole'));
  await client.send(new DeleteRolePolicyCommand(policy));
  await client.send(
    new PutRolePolicyCommand({ ...policy, PolicyDocument: JSON.stringify({ ...document, Statement }) }),
  );
  return () =>
    client.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: decodeURIComponent(PolicyDocument!) }));
};

const keyPolicy: RemovePermission = async ({ Resources }) => {
  const kms = new KMSClient(suture.sandbox.administrator(SHOP));
  const KeyId = Resources[0]!.Id;
  const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId }));
  const Principal = { AWS: `arn:aws:iam::${SHOP}:role/OrganizationAccountAccessRole` };
  const Statement = [{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }];
  const own = JSON.stringify({ Version: '2012-10-17', Statement });
  await kms.send(new PutKeyPolicyCommand({ KeyId, Policy: own }));
  return () => kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
};

const missingRole: RemovePermission = async () => () => moveAccount(suture, ACQUIRED);

const missingRoleCause = (account: string) =>
  `1. The role does not exist: let the StackSet of SutureOrgRollout reach ${account} (npm run -s suture -- rollout, in a clone of the repository, where it lacks this release), or deploy the member role's stack there.`;
const OLD_TRUST_CAUSE =
  '1. Its trust policy was made for another service account, organization id or external id, or lacks ' +
  `sts:SetSourceIdentity or sts:TagSession: deploy the member role's stack of this installation into ${SHOP} again.`;

const MISSING_PERMISSIONS: Readonly<Record<string, MissingPermission>> = {
  'a trust policy without SetSourceIdentity': {
    remove: trustPolicy((text) => text.replace('"sts:SetSourceIdentity",', '')),
    error: 'MemberRoleUnavailable',
    action: 'sts:SetSourceIdentity',
    firstCause: OLD_TRUST_CAUSE,
  },
  'a trust policy without TagSession': {
    remove: trustPolicy((text) => text.replace(',"sts:TagSession"', '')),
    error: 'MemberRoleUnavailable',
    action: 'sts:TagSession',
    firstCause: OLD_TRUST_CAUSE,
  },
  'a trust policy with another external id': {
    remove: trustPolicy((text) => text.replace('suture-sandbox-external-id', 'another-external-id')),
    error: 'MemberRoleUnavailable',
    action: 'sts:AssumeRole',
    firstCause: missingRoleCause(SHOP),
  },
  'a trust policy of another organization': {
    remove: trustPolicy((text) => text.replaceAll('o-sandbox0001', 'o-another0001')),
    error: 'MemberRoleUnavailable',
    action: 'sts:AssumeRole',
    firstCause: missingRoleCause(SHOP),
  },
  'a boundary that lacks the action': {
    remove: boundary,
    error: 'MemberAccessDenied',
    action: REVOKE,
    firstCause:
      "1. The role's permissions boundary does not allow it, or was replaced: deploy the member role's stack into " +
      `${SHOP} again, and look in CloudTrail for PutRolePermissionsBoundary and CreatePolicyVersion.`,
  },
  'a service control policy that denies the action': {
    remove: scp(() => SHOP, REVOKE),
    error: 'MemberAccessDenied',
    action: REVOKE,
    firstCause:
      '1. A service control policy or resource control policy of the organization denies it: in the management account, ' +
      `exempt ${memberRole(SHOP)} from that policy, or make the account or the resource exempt in policy.yaml.`,
  },
  'a service control policy that denies the service account to assume roles': {
    remove: scp(() => suture.context.serviceAccount, 'sts:AssumeRole'),
    error: 'MemberRoleUnavailable',
    action: 'sts:AssumeRole',
    firstCause: missingRoleCause(SHOP),
  },
  'a session policy without the action': {
    remove: sessionPolicy,
    error: 'MemberAccessDenied',
    action: REVOKE,
    firstCause:
      `1. The session was made for what ${CLOSE_PORTS} declares on this plan's targets, and the call is not among them: ` +
      "declare the action in the module's reads or writes, then deploy its stack and the member role's again.",
  },
  "a member role without the remediation's statement": {
    remove: identityPolicy,
    error: 'MemberAccessDenied',
    action: 'ec2:DescribeSecurityGroupRules',
    firstCause:
      "1. The member role is older than the remediation, or somebody has changed the role's policies: deploy the member " +
      `role's stack into ${SHOP} again.`,
  },
  'an execution role without its sts statement': {
    remove: executionRole,
    error: 'MemberRoleUnavailable',
    action: 'sts:AssumeRole',
    firstCause: missingRoleCause(SHOP),
  },
  'a KMS key whose policy names only another role': {
    control: 'KMS.4',
    remove: keyPolicy,
    error: 'MemberAccessDenied',
    action: 'kms:GetKeyRotationStatus',
    firstCause:
      "1. The resource's own policy (a bucket's, a KMS key's) denies it, or a key's policy leaves no decision to IAM: let " +
      `the owner allow ${memberRole(SHOP)} there, or make the resource exempt in policy.yaml.`,
  },
  'a missing member role': {
    account: ACQUIRED,
    remove: missingRole,
    error: 'MemberRoleUnavailable',
    action: 'sts:AssumeRole',
    firstCause: missingRoleCause(ACQUIRED),
  },
};

describe.each(Object.entries(MISSING_PERMISSIONS))(
  '%s',
  (_, { control = 'EC2.13', account = SHOP, remove, error, action, firstCause }) => {
    let execution: PipelineExecution;
    let restore: () => unknown;
    let lines: string[];
    beforeAll(async () => {
      const finding = await suture.arrange(control, { account });
      restore = await remove(finding);
      const [trace] = await suture.process(finding);
      execution = suture.execution(trace.execution!.arn);
      lines = String(JSON.parse(execution.cause ?? '{}').errorMessage).split('\n');
    });

    it(`fails the execution with ${error}`, () => {
      expect(execution).toMatchObject({ status: 'FAILED', path: ['Triage', 'Route', 'Remediate'], error });
    });
    it("quotes AWS's message, with the action and the role", () => {
      expect(lines[0]).toMatch(
        new RegExp(`^[A-Z]\\w+: .*is not authorized to perform: ${action} (on resource: |because )`),
      );
      expect(lines[1]).toMatch(
        new RegExp(`^${action} (of|was denied in account ${account} to) ${memberRole(account)}`),
      );
    });
    it('lists the likely causes in order, each with its fix', () => {
      expect(lines[2]).toBe(firstCause);
      const causes = lines.slice(2, -1);
      expect(causes.length).toBeGreaterThanOrEqual(4);
      for (const [n, cause] of causes.entries()) expect(cause).toMatch(new RegExp(`^${n + 1}\\. .{20,}: .{20,}\\.$`));
      expect(lines.at(-1)).toMatch(
        /^Then replay it: suture replay --failed --error \w+( --account \d{12})? --reason "…"$/,
      );
    });
    it('is fixed by a redrive after the permission is restored', async () => {
      await restore();
      expect(await suture.redrive(execution.arn)).toMatchObject({ status: 'SUCCEEDED', path: REMEDIATION_PATH });
    });
  },
);
