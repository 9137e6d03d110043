/** The member role's Regions: those of the context, whatever the session's policies allow. */
import { AccountClient, GetAlternateContactCommand } from '@aws-sdk/client-account';
import { DescribeSecurityGroupRulesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import { GetPublicAccessBlockCommand, S3ControlClient } from '@aws-sdk/client-s3-control';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memberRoleDesigns, shapeOfDesign } from '../../functions/domain/member-roles.ts';
import { REMEDIATION_TAG } from '../../functions/domain/permissions.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { memberInstallation } from '../../stacks/member-role.ts';
import { memberTemplate } from '../../stacks/member-template.ts';
import { INLINE_LIMIT } from '../../stacks/org-rollout.ts';
import { AWS_REGIONS, partitionOf } from '../../stacks/regions.ts';
import { SAMPLE_CONTEXT, SERVICE_ACCOUNT } from './templates.ts';

const ACCOUNT = '333333333333';
const PRODUCTION: SutureContext = { ...SAMPLE_CONTEXT, homeRegion: 'eu-west-1', regions: ['eu-central-1'] };
const STAGING: SutureContext = {
  ...SAMPLE_CONTEXT,
  prefix: 'staging',
  homeRegion: 'eu-north-1',
  regions: ['ap-south-1'],
};

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({
    organization: {
      id: SAMPLE_CONTEXT.organizationId,
      managementAccount: '999999999999',
      accounts: ['999999999999', SERVICE_ACCOUNT, ACCOUNT].map((id) => ({ id, name: id })),
    },
    homeRegion: 'eu-west-1',
  });
  for (const context of [PRODUCTION, STAGING]) await createMemberRole(context);
});
afterAll(() => sandbox.close());

const PLACE = { partition: 'aws', account: ACCOUNT, region: 'eu-west-1' };
const asAdministrator = (service: string, operation: string, input: object) =>
  sandbox.kernel.call<object, any>(sandbox.kernel.administrator!(ACCOUNT), PLACE, service, operation, input);

/** As the template makes it, but its own account may assume it. */
async function createMemberRole(context: SutureContext): Promise<void> {
  const [design] = memberRoleDesigns(memberInstallation(context), REMEDIATIONS);
  const { boundary, attached, inline } = shapeOfDesign(design!, 'aws', ACCOUNT);
  const { name: RoleName, path: Path } = design!;
  const policies = [boundary!, ...attached];
  for (const { arn, document } of policies)
    await asAdministrator('iam', 'CreatePolicy', {
      ...{ PolicyName: arn.split('/').at(-1), Path, PolicyDocument: JSON.stringify(document) },
    });
  const Principal = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
  const trust = { Effect: 'Allow', Principal, Action: ['sts:AssumeRole', 'sts:TagSession'] };
  await asAdministrator('iam', 'CreateRole', {
    ...{ RoleName, Path, PermissionsBoundary: boundary!.arn },
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
  });
  for (const { arn: PolicyArn } of attached) await asAdministrator('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
  for (const [PolicyName, document] of Object.entries(inline))
    await asAdministrator('iam', 'PutRolePolicy', {
      ...{ RoleName, PolicyName, PolicyDocument: JSON.stringify(document) },
    });
}

/** Returns settings of clients in a session of the installation's role for one remediation. */
async function sessionOf(context: SutureContext, remediation: string, region: string) {
  const [{ name, path } = { name: '', path: '' }] = memberRoleDesigns(memberInstallation(context), REMEDIATIONS);
  const { Credentials } = await asAdministrator('sts', 'AssumeRole', {
    ...{ RoleArn: `arn:aws:iam::${ACCOUNT}:role${path}${name}`, RoleSessionName: 'test' },
    Tags: [{ Key: REMEDIATION_TAG, Value: remediation }],
  });
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = Credentials;
  return {
    ...sandbox.administrator(ACCOUNT, region),
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    requestHandler: sandbox.inProcess,
  };
}

const rules = async (context: SutureContext, region: string) =>
  new EC2Client(await sessionOf(context, 'ec2/close-admin-ports', region)).send(
    new DescribeSecurityGroupRulesCommand({}),
  );

describe.each([
  ['production', PRODUCTION, STAGING],
  ['staging', STAGING, PRODUCTION],
] as const)('a session of %s', (_, own, other) => {
  it.each([own.homeRegion, ...own.regions])('works in %s, which its context names', async (region) => {
    // Those of the default group.
    expect((await rules(own, region)).SecurityGroupRules).toHaveLength(2);
  });

  it.each(['us-east-1', other.homeRegion, ...other.regions])(
    'is denied in %s, which its context does not name',
    async (region) => {
      await expect(rules(own, region)).rejects.toThrow(/explicit deny/);
    },
  );

  it('reaches services with one endpoint, which is in us-east-1, and those of the account in S3', async () => {
    const [region] = own.regions;
    const credentials = new IAMClient(await sessionOf(own, 'iam/deactivate-old-access-keys', region!));
    await expect(credentials.send(new ListAccessKeysCommand({ UserName: 'nobody' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
    const contacts = new AccountClient(await sessionOf(own, 'account/name-security-contact', region!));
    await expect(
      contacts.send(new GetAlternateContactCommand({ AlternateContactType: 'SECURITY' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const ofUsEast1 = await sessionOf(own, 's3/block-account-public-access', 'us-east-1');
    const endpoint = ofUsEast1.endpoint.replace('127.0.0.1', 'localhost');
    await expect(
      new S3ControlClient({ ...ofUsEast1, endpoint }).send(new GetPublicAccessBlockCommand({ AccountId: ACCOUNT })),
    ).rejects.toMatchObject({ name: 'NoSuchPublicAccessBlockConfiguration' });
  });
});

it('is one short policy, so that the template of an installation in all Regions is still taken inline', () => {
  const regions = AWS_REGIONS.filter((region) => partitionOf(region) === 'aws');
  const template = memberTemplate({ ...SAMPLE_CONTEXT, regions }, REMEDIATIONS);
  expect(template).toContain('"mx-central-1"');
  expect(Buffer.byteLength(template)).toBeLessThanOrEqual(INLINE_LIMIT);
});
