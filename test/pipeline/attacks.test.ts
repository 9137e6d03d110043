/**
 * Attacks by somebody who has taken over a remediation's function: with its role's credentials, and with sessions like
 * those of the deployed code. Every refusal is AWS's own error and changes nothing. Other tests show that the
 * function's own work succeeds with the same credentials.
 */
import { isDeepStrictEqual } from 'node:util';
import { DynamoDBClient, PutItemCommand, QueryCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DisableEbsEncryptionByDefaultCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRolePermissionsBoundaryCommand,
  IAMClient,
  ListAccessKeysCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { EnableKeyRotationCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { BatchUpdateFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assumeMemberRole } from '../../functions/aws/member-session.ts';
import type { Place, Remediation } from '../../functions/contract/remediation.ts';
import { memberRoleBoundary } from '../../functions/domain/member-role-boundary.ts';
import {
  applyPolicies,
  memberRolePolicies,
  type PolicyDocument,
  planPolicy,
} from '../../functions/domain/permissions.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import { openRule } from '../../functions/remediations/ec2/fixtures.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { setBucketBlock } from '../../functions/remediations/s3/bucket-block.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { handledRegions } from '../../stacks/context.ts';
import { memberRoleArn, stateMachineArn } from '../../stacks/names.ts';
import { groupIdOf } from '../support/inspection.ts';
import { executionRoleName, JOURNAL_TABLE, LEDGER_TABLE, remediationFunctionName } from '../support/names.ts';
import { ACQUIRED, DATA, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { removeRoleProtection } from '../support/protection.ts';

const CLOSE_PORTS = 'ec2/close-admin-ports';
const ENCRYPT = 'ec2/encrypt-ebs-by-default';
const DISABLE_USERS = 'iam/disable-unused-credentials';
const ROTATE = 'kms/rotate-keys';
const BLOCK_BUCKET = 's3/block-bucket-public-access';
const EXECUTION = 'arn:aws:states:us-east-1:111111111111:execution:suture-remediate-finding:an-execution';
const MEMBER_ROLE = 'suture/suture-member';
const ROLE = 'suture-member';

const FINDINGS = [
  'own',
  'neighbour',
  'theirs',
  'user',
  'otherUser',
  'ownKey',
  'key',
  'bucket',
  'otherBucket',
  'theirBucket',
] as const;

let suture: Pipeline;
let findings: Record<(typeof FINDINGS)[number], ControlFinding>;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  findings = {
    own: await suture.arrange('EC2.13'),
    neighbour: await suture.arrange('EC2.13'),
    theirs: await suture.arrange('EC2.13', { account: DATA }),
    user: await suture.arrange('IAM.22'),
    otherUser: await suture.arrange('IAM.22'),
    ownKey: await suture.arrange('KMS.4'),
    key: await suture.arrange('KMS.4', { account: DATA }),
    bucket: await suture.arrange('S3.8'),
    otherBucket: await suture.arrange('S3.8'),
    theirBucket: await suture.arrange('S3.8', { account: DATA }),
  };
});
afterAll(() => suture.sandbox.close());

const functionOf = (id: string): ClientSettings =>
  suture.as(`arn:aws:iam::${suture.context.serviceAccount}:role/suture/remediation/${executionRoleName(id)}`);

/** As the function creates it for this finding: `plan` reads, `apply` writes to the target. */
async function session(id: string, mode: 'plan' | 'apply', finding: ControlFinding): Promise<ClientSettings> {
  const remediation = REMEDIATIONS.find((each) => each.id === id)!;
  const place: Place = { partition: 'aws', account: finding.AwsAccountId, region: suture.context.homeRegion };
  const target = remediation.target.parse(finding.Resources[0]);
  const [part] = applyPolicies(remediation, place, [target]);
  const policy = mode === 'plan' ? planPolicy(remediation, place, target) : part!.policy;
  return withCredentials(await assumeAsDeployed(id, place, finding, policy), place.account);
}
const assumeAsDeployed = (
  remediation: string,
  place: Place,
  { Id: findingId }: ControlFinding,
  policy: PolicyDocument,
) =>
  assumeMemberRole(new STSClient(functionOf(remediation)), MEMBER_ROLE, suture.context.externalId, {
    remediation,
    place,
    execution: EXECUTION,
    findingId,
    policy,
  });

/** A session of the same role, with the same tags and source identity, but without a session policy. */
async function thiefSession(id: string, overrides: Partial<AssumeRoleCommandInput> = {}, as = functionOf(id)) {
  const { Credentials } = await new STSClient(as).send(new AssumeRoleCommand({ ...assumeRoleInput(id), ...overrides }));
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
  return withCredentials(credentials, SHOP);
}
const assumeRoleInput = (id: string): AssumeRoleCommandInput => ({
  RoleArn: memberRoleArn(suture.context, SHOP),
  RoleSessionName: 'thief',
  SourceIdentity: sourceIdentity(EXECUTION),
  ExternalId: suture.context.externalId,
  DurationSeconds: 900,
  Tags: tags(id),
});
const tags = (id: string) => [
  { Key: 'suture:remediation', Value: id },
  { Key: 'suture:finding', Value: 'finding' },
  { Key: 'suture:execution', Value: 'execution' },
];
const withCredentials = (credentials: ClientSettings['credentials'], account: string): ClientSettings => ({
  ...suture.sandbox.administrator(account),
  credentials,
});

/** Reads what the remediation may read, in a Region that the context does not name. */
function inUnnamedRegion(settings: ClientSettings): Promise<unknown> {
  const region = 'ap-south-1';
  expect(handledRegions(suture.context)).not.toContain(region);
  return new EC2Client({ ...settings, region }).send(new DescribeSecurityGroupRulesCommand({}));
}

const idOf = (finding: ControlFinding) => groupIdOf(finding.Resources[0]!);
const userOf = ({ Resources }: ControlFinding) => (Resources[0]!.Details!.AwsIamUser as { UserName: string }).UserName;
const bucketOf = ({ Resources, AwsAccountId }: ControlFinding) => ({
  Bucket: Resources[0]!.Id.split(':::')[1]!,
  ExpectedBucketOwner: AwsAccountId,
});
const ALLOW_EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});
const TRUST_EVERYBODY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
});
const boundaryArn = () => `arn:aws:iam::${SHOP}:policy/suture/suture-member-boundary`;

const ec2 = async (settings: Promise<ClientSettings> | ClientSettings) => new EC2Client(await settings);
const iam = async (settings: Promise<ClientSettings> | ClientSettings) => new IAMClient(await settings);
const revoke = (finding: ControlFinding) =>
  new RevokeSecurityGroupIngressCommand({ GroupId: idOf(finding), IpPermissions: [openRule(22)] });
const BLOCK = { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true };
const administrator = (account: string) => new IAMClient(suture.sandbox.administrator(account));
const keyOf = async (finding: ControlFinding) => {
  const listed = await administrator(SHOP).send(new ListAccessKeysCommand({ UserName: userOf(finding) }));
  return { UserName: userOf(finding), AccessKeyId: listed.AccessKeyMetadata![0]!.AccessKeyId! };
};
const entry = (remediation: string) => ({ pk: { S: `${remediation}#finding` }, sk: { S: '2026' } });
const dynamo = (id: string) => new DynamoDBClient(functionOf(id));
const query = (TableName: string, pk: string) =>
  new QueryCommand({ TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: pk } } });

type Attack = () => Promise<unknown>;

const DENIED = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/;
const ATTACKS: Readonly<Record<string, Readonly<Record<string, Attack>>>> = {
  'the neighbouring resource': {
    'another group of the account, in the session that writes': async () =>
      (await ec2(session(CLOSE_PORTS, 'apply', findings.own))).send(revoke(findings.neighbour)),
    'its own group, in the session that reads': async () =>
      (await ec2(session(CLOSE_PORTS, 'plan', findings.own))).send(revoke(findings.own)),
    'another bucket of the account': async () =>
      setBucketBlock(
        new S3Client(await session(BLOCK_BUCKET, 'apply', findings.bucket)),
        bucketOf(findings.otherBucket),
        BLOCK,
      ),
    'the key of another user': async () =>
      (await iam(session(DISABLE_USERS, 'apply', findings.user))).send(
        new UpdateAccessKeyCommand({ ...(await keyOf(findings.otherUser)), Status: 'Inactive' }),
      ),
  },
  'another action': {
    'of another remediation, in a session for its own target': async () =>
      (await ec2(session(CLOSE_PORTS, 'apply', findings.own))).send(new DisableEbsEncryptionByDefaultCommand({})),
    'of another remediation, in a session without session policy': async () =>
      (await ec2(thiefSession(CLOSE_PORTS))).send(new DisableEbsEncryptionByDefaultCommand({})),
    'of another remediation that writes IAM': async () =>
      (await iam(thiefSession(CLOSE_PORTS))).send(
        new UpdateAccessKeyCommand({ ...(await keyOf(findings.user)), Status: 'Inactive' }),
      ),
    'that no remediation declares, on its own target': async () =>
      (await ec2(session(CLOSE_PORTS, 'apply', findings.own))).send(
        new DeleteSecurityGroupCommand({ GroupId: idOf(findings.own) }),
      ),
    'that no remediation declares, in a session without session policy': async () =>
      (await ec2(thiefSession(CLOSE_PORTS))).send(
        new CreateTagsCommand({ Resources: [idOf(findings.own)], Tags: [{ Key: 'owner', Value: 'thief' }] }),
      ),
  },
  'another account': {
    'its group, in a session of this one': async () =>
      (await ec2(session(CLOSE_PORTS, 'apply', findings.own))).send(revoke(findings.theirs)),
    'its key, in a session without session policy': async () =>
      new KMSClient(await thiefSession(ROTATE)).send(
        new EnableKeyRotationCommand({ KeyId: findings.key.Resources[0]!.Id }),
      ),
    'its bucket, in a session for a bucket of this account': async () => {
      const asOwn = { ...findings.theirBucket, AwsAccountId: SHOP };
      const s3 = new S3Client(await session(BLOCK_BUCKET, 'apply', asOwn));
      return setBucketBlock(s3, bucketOf(findings.theirBucket), BLOCK);
    },
    'its member role, from a session of this one': async () =>
      thiefSession(
        CLOSE_PORTS,
        { RoleArn: memberRoleArn(suture.context, DATA), Tags: tags(CLOSE_PORTS) },
        await thiefSession(CLOSE_PORTS),
      ),
    'its access role': () =>
      thiefSession(CLOSE_PORTS, { RoleArn: `arn:aws:iam::${DATA}:role/OrganizationAccountAccessRole` }),
    'the security account, which has no member role': () =>
      thiefSession(CLOSE_PORTS, { RoleArn: memberRoleArn(suture.context, suture.context.securityAccount) }),
    'an account outside the organization': () =>
      thiefSession(CLOSE_PORTS, { RoleArn: memberRoleArn(suture.context, '123456789012') }),
  },
  'another Region': {
    'one that the context does not name, in a session without session policy': async () =>
      inUnnamedRegion(await thiefSession(CLOSE_PORTS)),
    "one that the context does not name, in the finding's session": async () =>
      inUnnamedRegion(await session(CLOSE_PORTS, 'plan', findings.own)),
  },
  'other session attributes': {
    "another remediation's tag": () => thiefSession(CLOSE_PORTS, { Tags: tags(ENCRYPT) }),
    'no tag': () => thiefSession(CLOSE_PORTS, { Tags: [] }),
    'the tag in other letters': () =>
      thiefSession(CLOSE_PORTS, {
        Tags: [{ Key: 'Suture:Remediation', Value: CLOSE_PORTS }, ...tags(CLOSE_PORTS).slice(1)],
      }),
    'one more tag': () => thiefSession(CLOSE_PORTS, { Tags: [...tags(CLOSE_PORTS), { Key: 'admin', Value: 'true' }] }),
    'no source identity': () => thiefSession(CLOSE_PORTS, { SourceIdentity: undefined }),
    "a person's source identity": () => thiefSession(CLOSE_PORTS, { SourceIdentity: 'alice@example.com' }),
    'a source identity shorter than the pattern': () => thiefSession(CLOSE_PORTS, { SourceIdentity: 'suture-0123' }),
    'no external id': () => thiefSession(CLOSE_PORTS, { ExternalId: undefined }),
    'a role of the service account that is not a remediation': () =>
      thiefSession(CLOSE_PORTS, {}, suture.sandbox.administrator(suture.context.serviceAccount)),
  },
  "Suture's own roles and boundary": {
    'a policy on the member role': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(
        new PutRolePolicyCommand({ RoleName: ROLE, PolicyName: 'more', PolicyDocument: ALLOW_EVERYTHING }),
      ),
    "an administrator's policy attached to it": async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(
        new AttachRolePolicyCommand({ RoleName: ROLE, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
      ),
    'another trust policy': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(
        new UpdateAssumeRolePolicyCommand({ RoleName: ROLE, PolicyDocument: TRUST_EVERYBODY }),
      ),
    'another boundary': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(
        new PutRolePermissionsBoundaryCommand({
          RoleName: ROLE,
          PermissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess',
        }),
      ),
    'no boundary': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(new DeleteRolePermissionsBoundaryCommand({ RoleName: ROLE })),
    'a wider version of the boundary': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(
        new CreatePolicyVersionCommand({
          PolicyArn: boundaryArn(),
          PolicyDocument: ALLOW_EVERYTHING,
          SetAsDefault: true,
        }),
      ),
    "its own function's role": async () =>
      (await iam(functionOf(DISABLE_USERS))).send(
        new PutRolePolicyCommand({
          RoleName: executionRoleName(DISABLE_USERS),
          PolicyName: 'more',
          PolicyDocument: ALLOW_EVERYTHING,
        }),
      ),
  },
  'privilege escalation through a remediation that writes IAM': {
    'a key for a user': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(new CreateAccessKeyCommand({ UserName: userOf(findings.user) })),
    'a password for a user': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(
        new CreateLoginProfileCommand({ UserName: userOf(findings.user), Password: 'Thief-12345678!' }),
      ),
    'a policy for a user': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(
        new PutUserPolicyCommand({
          UserName: userOf(findings.user),
          PolicyName: 'everything',
          PolicyDocument: ALLOW_EVERYTHING,
        }),
      ),
    'a policy of AWS for a user': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(
        new AttachUserPolicyCommand({
          UserName: userOf(findings.user),
          PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
        }),
      ),
    'a new user': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(new CreateUserCommand({ UserName: 'thief' })),
    'a new role': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(
        new CreateRoleCommand({ RoleName: 'thief', AssumeRolePolicyDocument: TRUST_EVERYBODY }),
      ),
  },
  'ledger and journal': {
    "another remediation's entries, read": async () =>
      dynamo(CLOSE_PORTS).send(query(JOURNAL_TABLE, `${ENCRYPT}#finding`)),
    "another remediation's entries, written": async () =>
      dynamo(CLOSE_PORTS).send(new PutItemCommand({ TableName: JOURNAL_TABLE, Item: entry(ENCRYPT) })),
    "another remediation's entries, changed": async () =>
      dynamo(CLOSE_PORTS).send(
        new UpdateItemCommand({
          TableName: JOURNAL_TABLE,
          Key: entry(ENCRYPT),
          UpdateExpression: 'SET a = :a',
          ExpressionAttributeValues: { ':a': { S: 'x' } },
        }),
      ),
    'entries of a remediation whose id starts with its own id': async () =>
      dynamo(CLOSE_PORTS).send(query(JOURNAL_TABLE, `${CLOSE_PORTS}-too#finding`)),
    'all entries': async () => dynamo(CLOSE_PORTS).send(new ScanCommand({ TableName: JOURNAL_TABLE })),
    'the ledger': async () => dynamo(CLOSE_PORTS).send(query(LEDGER_TABLE, 'stop')),
    'the journal, in a member session': async () =>
      new DynamoDBClient(await thiefSession(CLOSE_PORTS)).send(query(JOURNAL_TABLE, `${CLOSE_PORTS}#finding`)),
  },
  'the rest of Suture': {
    "another remediation's function": async () => {
      const { homeRegion, serviceAccount } = suture.context;
      const FunctionName = `arn:aws:lambda:${homeRegion}:${serviceAccount}:function:${remediationFunctionName(ENCRYPT)}`;
      return new LambdaClient(functionOf(CLOSE_PORTS)).send(new InvokeCommand({ FunctionName, Qualifier: 'live' }));
    },
    'an execution': async () =>
      new SFNClient(functionOf(CLOSE_PORTS)).send(
        new StartExecutionCommand({ stateMachineArn: stateMachineArn(suture.context), input: '{}' }),
      ),
    "a finding's status": async () =>
      new SecurityHubClient(functionOf(CLOSE_PORTS)).send(
        new BatchUpdateFindingsCommand({
          FindingIdentifiers: [{ Id: findings.own.Id, ProductArn: findings.own.ProductArn! }],
          Workflow: { Status: 'SUPPRESSED' },
        }),
      ),
  },
};

describe.each(Object.entries(ATTACKS))('%s', (_, attacks) => {
  it.each(Object.entries(attacks))('%s: is denied', async (_, attack) => {
    const before = serviceStates();
    await expect(attack()).rejects.toMatchObject({ name: expect.stringMatching(DENIED) });
    expectSameStates(before);
  });
});

describe('a remediation with its own credentials succeeds: it', () => {
  it('closes the port of its own group', async () => {
    await (await ec2(session(CLOSE_PORTS, 'plan', findings.own))).send(new DescribeSecurityGroupRulesCommand({}));
    await (await ec2(session(CLOSE_PORTS, 'apply', findings.own))).send(revoke(findings.own));
    expect(await suture.inbound(findings.own)).not.toContain('tcp 22 from 0.0.0.0/0');
    expect(await suture.inbound(findings.neighbour)).toContain('tcp 22 from 0.0.0.0/0');
    expect(await suture.inbound(findings.theirs)).toContain('tcp 22 from 0.0.0.0/0');
  });
  it('blocks its own bucket, rotates its own key, deactivates a key of its own user', async () => {
    const s3 = new S3Client(await session(BLOCK_BUCKET, 'apply', findings.bucket));
    await setBucketBlock(s3, bucketOf(findings.bucket), BLOCK);
    const kms = new KMSClient(await session(ROTATE, 'apply', findings.ownKey));
    await kms.send(new EnableKeyRotationCommand({ KeyId: findings.ownKey.Resources[0]!.Id }));
    const users = await iam(session(DISABLE_USERS, 'apply', findings.user));
    await users.send(new UpdateAccessKeyCommand({ ...(await keyOf(findings.user)), Status: 'Inactive' }));
  });
  it('works in every member account under its own tags', async () => {
    const client = await ec2(session(CLOSE_PORTS, 'apply', findings.theirs));
    await client.send(revoke(findings.theirs));
    expect(await suture.inbound(findings.theirs)).not.toContain('tcp 22 from 0.0.0.0/0');
  });
  it('writes and reads its own journal entries', async () => {
    await dynamo(CLOSE_PORTS).send(new PutItemCommand({ TableName: JOURNAL_TABLE, Item: entry(CLOSE_PORTS) }));
    const { Items } = await dynamo(CLOSE_PORTS).send(query(JOURNAL_TABLE, `${CLOSE_PORTS}#finding`));
    expect(Items).toHaveLength(1);
  });
});

describe('the boundary of a member role with AdministratorAccess', () => {
  beforeAll(async () => {
    removeRoleProtection(suture);
    const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    await administrator(SHOP).send(new AttachRolePolicyCommand({ RoleName: ROLE, PolicyArn }));
  });

  const LIMITS: Readonly<Record<string, Attack>> = {
    'allows only actions that remediations declare': async () =>
      (await ec2(thiefSession(CLOSE_PORTS))).send(new DeleteSecurityGroupCommand({ GroupId: idOf(findings.own) })),
    'allows IAM writes only to remediations that declare them': async () =>
      (await iam(thiefSession(CLOSE_PORTS))).send(
        new UpdateAccessKeyCommand({ ...(await keyOf(findings.otherUser)), Status: 'Inactive' }),
      ),
    'allows a remediation that writes IAM only the writes that it declares': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(new CreateUserCommand({ UserName: 'thief' })),
    "does not let it out of the context's Regions": async () => inUnnamedRegion(await thiefSession(CLOSE_PORTS)),
    'cannot be removed': async () =>
      (await iam(thiefSession(DISABLE_USERS))).send(new DeleteRolePermissionsBoundaryCommand({ RoleName: ROLE })),
    'does not allow role chaining': async () =>
      thiefSession(CLOSE_PORTS, { RoleArn: memberRoleArn(suture.context, DATA) }, await thiefSession(CLOSE_PORTS)),
  };
  it.each(Object.entries(LIMITS))('%s', async (_, attack) => {
    const before = serviceStates();
    await expect(attack()).rejects.toMatchObject({ name: expect.stringMatching(DENIED) });
    expectSameStates(before);
  });
});

/** No remediation writes roles or policies. One that did would be restricted to its tag and denied these roles. */
describe('a remediation that declares writes to roles and policies', () => {
  const ID = 'iam/write-roles';
  const writesRoles: Remediation = {
    ...REMEDIATIONS.find(({ id }) => id === DISABLE_USERS)!,
    id: ID,
    reads: [],
    writes: [
      { actions: ['iam:PutRolePolicy'], resources: ['arn:{partition}:iam::{account}:role/{role}'], because: 'a trial' },
      {
        actions: ['iam:CreatePolicyVersion'],
        resources: ['arn:{partition}:iam::{account}:policy/{policy}'],
        because: 'a trial',
      },
    ],
  };
  const PROTECTED = [
    ['/suture/', 'suture-member'],
    ['/suture/remediation/', 'suture-ec2-close-admin-ports'],
    ['/aws-reserved/sso.amazonaws.com/eu-west-1/', 'AWSReservedSSO_Administrator_0123456789abcdef'],
    ['/', 'stacksets-exec-0123456789abcdef'],
    ['/', 'AWSCloudFormationStackSetExecutionRole'],
    ['/', 'AWSControlTowerExecution'],
    ['/', 'OrganizationAccountAccessRole'],
  ] as const;
  let clientWithTag: (tag: string) => Promise<IAMClient>;

  /** As the stack would create it for this remediation, in an account without one. */
  beforeAll(async () => {
    const own = (policy: PolicyDocument) =>
      JSON.stringify(policy).replaceAll('${AWS::Partition}', 'aws').replaceAll('${AWS::AccountId}', ACQUIRED);
    const client = administrator(ACQUIRED);
    const trust = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ACQUIRED}:root` },
          Action: ['sts:AssumeRole', 'sts:TagSession'],
        },
      ],
    };
    const AssumeRolePolicyDocument = JSON.stringify(trust);
    const { Policy: boundary } = await client.send(
      new CreatePolicyCommand({
        PolicyName: 'suture-member-boundary',
        Path: '/suture/',
        PolicyDocument: own(memberRoleBoundary([writesRoles])),
      }),
    );
    for (const [Path, RoleName] of [...PROTECTED, ['/', 'app'] as const])
      await client
        .send(new CreateRoleCommand({ Path, RoleName, AssumeRolePolicyDocument }))
        .catch((error) => expect(error.name).toBe('EntityAlreadyExistsException'));
    const [policy] = memberRolePolicies([writesRoles]);
    await client.send(new PutRolePolicyCommand({ RoleName: ROLE, PolicyName: 'own', PolicyDocument: own(policy!) }));
    await client.send(new PutRolePermissionsBoundaryCommand({ RoleName: ROLE, PermissionsBoundary: boundary!.Arn! }));
    clientWithTag = async (tag) => {
      const sts = new STSClient(suture.sandbox.administrator(ACQUIRED));
      const { Credentials } = await sts.send(
        new AssumeRoleCommand({
          RoleArn: memberRoleArn(suture.context, ACQUIRED),
          RoleSessionName: 'thief',
          Tags: [{ Key: 'suture:remediation', Value: tag }],
        }),
      );
      const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
      const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
      return new IAMClient(withCredentials(credentials, ACQUIRED));
    };
  });
  const put = (RoleName: string) =>
    new PutRolePolicyCommand({ RoleName, PolicyName: 'trial', PolicyDocument: ALLOW_EVERYTHING });

  it('may write a role of the account', async () => {
    await expect((await clientWithTag(ID)).send(put('app'))).resolves.toBeDefined();
  });
  it('may not write it under the tag of another remediation', async () => {
    await expect((await clientWithTag(DISABLE_USERS)).send(put('app'))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
  it.each(PROTECTED)('may not write %s%s', async (_, name) => {
    await expect((await clientWithTag(ID)).send(put(name))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('with an explicit deny in a permissions boundary'),
    });
  });
  it('may not write its own boundary', async () => {
    const PolicyArn = `arn:aws:iam::${ACQUIRED}:policy/suture/suture-member-boundary`;
    const version = new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: ALLOW_EVERYTHING, SetAsDefault: true });
    await expect((await clientWithTag(ID)).send(version)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

/** Excludes STS, because a refused call may have created a session before. */
const serviceStates = (): Snapshot =>
  new Map([...suture.sandbox.snapshot()].filter(([place]) => !place.startsWith('sts ')));

/** Compares a service that was first called in a place with that service's initial state. */
function expectSameStates(before: Snapshot): void {
  const changed = [...serviceStates()].filter(
    ([place, state]) => !isDeepStrictEqual(state, before.get(place) ?? initialState(place)),
  );
  expect(changed).toEqual([]);
}

function initialState(place: string): unknown {
  const [name, partition, account = '', region = ''] = place.split(' ');
  return suture.kernel.services!.find((each) => each.name === name)!.state({ partition: partition!, account, region });
}
