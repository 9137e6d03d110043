/** A user with every credential, a role, a group, a policy with two versions, and settings of another account. */
import { readFileSync } from 'node:fs';
import { FINDING_PLACE } from '../places.ts';
import type { TownBuilder, TownSite } from './site.ts';

const TOWN_TAGS = [{ Key: 'owner', Value: 'town' }];
const policyDocument = (Action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });

export const buildIam: TownBuilder = async (site) => {
  const { call, account } = site;
  const { Policy } = await call('CreatePolicy', {
    PolicyName: 'town',
    PolicyDocument: policyDocument('s3:ListAllMyBuckets'),
    Tags: TOWN_TAGS,
  });
  const PolicyArn = Policy.Arn;
  await call('CreatePolicyVersion', {
    PolicyArn,
    PolicyDocument: policyDocument('ec2:DescribeVpcs'),
    SetAsDefault: true,
  });
  await buildPrincipals(site, PolicyArn);
  await call('UploadServerCertificate', {
    ServerCertificateName: 'town',
    CertificateBody: readFileSync(new URL('./certificate.pem', import.meta.url), 'utf8'),
    PrivateKey: 'the sandbox does not read it',
    Tags: TOWN_TAGS,
  });
  // Scenarios create the password policy of the finding's own account.
  if (account !== FINDING_PLACE.account)
    await call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 9, MaxPasswordAge: 200 });
};

async function buildPrincipals({ call, account, partition }: TownSite, PolicyArn: string): Promise<void> {
  await call('CreateGroup', { GroupName: 'town' });
  await call('PutGroupPolicy', {
    GroupName: 'town',
    PolicyName: 'inline',
    PolicyDocument: policyDocument('s3:GetObject'),
  });
  await call('AttachGroupPolicy', { GroupName: 'town', PolicyArn });
  await call('CreateUser', { UserName: 'town', Path: '/town/', Tags: TOWN_TAGS, PermissionsBoundary: PolicyArn });
  await call('AddUserToGroup', { GroupName: 'town', UserName: 'town' });
  await call('PutUserPolicy', {
    UserName: 'town',
    PolicyName: 'inline',
    PolicyDocument: policyDocument('s3:GetObject'),
  });
  await call('AttachUserPolicy', { UserName: 'town', PolicyArn });
  await call('CreateAccessKey', { UserName: 'town' });
  await call('CreateLoginProfile', { UserName: 'town', Password: 'Not-1-that-anybody-uses' });
  await call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'town' });
  const trust = {
    Effect: 'Allow',
    Principal: { AWS: `arn:${partition}:iam::${account}:root` },
    Action: 'sts:AssumeRole',
  };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await call('CreateRole', { RoleName: 'town', AssumeRolePolicyDocument, Tags: TOWN_TAGS });
  await call('AttachRolePolicy', { RoleName: 'town', PolicyArn });
  await call('CreateInstanceProfile', { InstanceProfileName: 'town' });
  await call('AddRoleToInstanceProfile', { InstanceProfileName: 'town', RoleName: 'town' });
}
