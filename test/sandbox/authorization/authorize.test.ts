import { expect, test } from 'vitest';
import { authorize } from '../../../sandbox/authorization/authorize.ts';
import type { Need } from '../../../sandbox/kernel/kernel.ts';
import { attachScp } from '../../../sandbox/services/organizations/index.ts';
import { allow, callAs, decidingKernel, management, member, placeOf, roleSession } from './deciding-kernel.ts';

const queue = `arn:aws:sqs:us-east-1:${member}:jobs`;

test.each<[service: string, need: Need, code: string, status: number, message: string]>([
  [
    'ec2',
    { action: 'ec2:DescribeInstances', resource: '*' },
    'UnauthorizedOperation',
    403,
    'You are not authorized to perform this operation. User: WHO is not authorized to perform: ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action',
  ],
  [
    'sqs',
    { action: 'sqs:SendMessage', resource: queue },
    'AccessDenied',
    403,
    `User: WHO is not authorized to perform: sqs:sendmessage on resource: ${queue} because no identity-based policy allows the sqs:sendmessage action`,
  ],
  [
    's3',
    { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' },
    'AccessDenied',
    403,
    'User: WHO is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/k" because no identity-based policy allows the s3:GetObject action',
  ],
  [
    'sfn',
    { action: 'states:ListStateMachines', resource: '*' },
    'AccessDeniedException',
    400,
    'User: WHO is not authorized to perform: states:ListStateMachines on resource: * because no identity-based policy allows the states:ListStateMachines action',
  ],
  [
    'sts',
    { action: 'sts:AssumeRole', resource: `arn:aws:iam::${member}:role/x` },
    'AccessDenied',
    403,
    `User: WHO is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${member}:role/x`,
  ],
])('%s denies with its own code and words', async (service, need, code, status, message) => {
  const kernel = decidingKernel();
  const worker = await roleSession(kernel, member, 'worker');
  const who = `arn:aws:sts::${member}:assumed-role/worker/run`;
  expect(() => authorize(kernel, worker, placeOf(member), need, service)).toThrow(
    expect.objectContaining({ code, status, message: message.replace('WHO', who) }),
  );
});

test('a decision is logged with the statement that made it', async () => {
  const kernel = decidingKernel();
  const worker = await roleSession(kernel, member, 'worker', allow('sqs:*'));
  authorize(kernel, worker, placeOf(member), { action: 'sqs:SendMessage', resource: queue });
  expect(kernel.decisions.at(-1)).toEqual({
    action: 'sqs:SendMessage',
    resource: queue,
    principal: `arn:aws:sts::${member}:assumed-role/worker/run`,
    role: `arn:aws:iam::${member}:role/worker`,
    account: member,
    region: 'us-east-1',
    decision: 'Allow',
    by: ['inline#0'],
  });
});

test('a service control policy of a unit binds the accounts below it, not the management account', async () => {
  const kernel = decidingKernel();
  const deny = { Version: '2012-10-17', Statement: [{ Effect: 'Deny' as const, Action: 'sqs:*', Resource: '*' }] };
  attachScp(kernel, 'Workloads', deny);
  attachScp(kernel, management, deny);
  const need = { action: 'sqs:ListQueues', resource: '*' };
  const inMember = await roleSession(kernel, member, 'worker', allow('sqs:*'));
  const inManagement = await roleSession(kernel, management, 'worker', allow('sqs:*'));
  expect(() => authorize(kernel, inMember, placeOf(member), need)).toThrow('explicit deny in a service control policy');
  expect(authorize(kernel, inManagement, placeOf(management), need).decision).toBe('Allow');
});

test.each([
  ['aws:PrincipalArn', `arn:aws:iam::${member}:role/worker`],
  ['aws:PrincipalAccount', member],
  ['aws:PrincipalOrgID', 'o-exampleorgid'],
  ['aws:PrincipalTag/team', 'blue'],
  ['aws:ResourceAccount', member],
  ['aws:ResourceOrgID', 'o-exampleorgid'],
  ['aws:ResourceTag/stage', 'production'],
  ['aws:RequestedRegion', 'eu-west-1'],
  ['aws:CurrentTime', '2026-01-01T00:00:00.000Z'],
  ['aws:EpochTime', '1767225600'],
  ['aws:PrincipalIsAWSService', 'false'],
  ['aws:MultiFactorAuthPresent', 'false'],
  ['aws:ViaAWSService', 'false'],
  ['aws:SecureTransport', 'true'],
  ['aws:PrincipalType', 'AssumedRole'],
])('a request knows %s', async (key, value) => {
  const kernel = decidingKernel();
  const statement = { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringEquals: { [key]: value } } };
  const worker = await roleSession(kernel, member, 'worker', { Version: '2012-10-17', Statement: [statement] });
  await kernel.as('iam', 'TagRole', { RoleName: 'worker', Tags: [{ Key: 'team', Value: 'blue' }] }, placeOf(member));
  const need = { action: 'sqs:SendMessage', resource: queue, resourceTags: { stage: 'production' } };
  const place = placeOf(member, 'eu-west-1');
  expect(authorize(kernel, worker, place, need).decision).toBe('Allow');
});

test('a service brings the source it acts for', () => {
  const kernel = decidingKernel();
  const source = `arn:aws:events:us-east-1:${member}:rule/r`;
  const events = { kind: 'service', service: 'events.amazonaws.com', account: member, source } as const;
  const allowing = (aws: object) => ({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow' as const,
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:*',
        Resource: '*',
        Condition: aws as any,
      },
    ],
  });
  const need = (condition: object) => ({
    action: 'sqs:SendMessage',
    resource: queue,
    resourcePolicy: allowing(condition),
  });
  const right = {
    ArnEquals: { 'aws:SourceArn': source },
    StringEquals: { 'aws:SourceAccount': member, 'aws:SourceOrgID': 'o-exampleorgid' },
  };
  expect(authorize(kernel, events, placeOf(member), need(right)).by).toEqual(['resource#0']);
  const wrong = { ArnEquals: { 'aws:SourceArn': `${source}2` } };
  expect(() => authorize(kernel, events, placeOf(member), need(wrong))).toThrow('no resource-based policy allows');
});

test('a role deleted and made again is another principal for the sessions of the first', async () => {
  const kernel = decidingKernel();
  const worker = await roleSession(kernel, member, 'worker', allow('iam:*'));
  const at = placeOf(member);
  await kernel.as('iam', 'DeleteRolePolicy', { RoleName: 'worker', PolicyName: 'inline' }, at);
  await kernel.as('iam', 'DeleteRole', { RoleName: 'worker' }, at);
  await roleSession(kernel, member, 'worker', allow('iam:*'));
  await expect(callAs(kernel, worker, 'iam', 'ListRoles', {})).rejects.toThrow('no identity-based policy allows');
});

test('a user has the policies of the groups', async () => {
  const kernel = decidingKernel();
  const at = placeOf(member);
  const { User } = await kernel.as('iam', 'CreateUser', { UserName: 'ana' }, at);
  await kernel.as('iam', 'CreateGroup', { GroupName: 'readers' }, at);
  const PolicyDocument = JSON.stringify(allow('iam:ListUsers'));
  await kernel.as('iam', 'PutGroupPolicy', { GroupName: 'readers', PolicyName: 'p', PolicyDocument }, at);
  const ana = { kind: 'user', arn: User.Arn, account: member, user: 'ana', userId: User.UserId } as const;
  await expect(callAs(kernel, ana, 'iam', 'ListUsers', {})).rejects.toThrow(
    `iam:ListUsers on resource: arn:aws:iam::${member}:user/`,
  );
  await kernel.as('iam', 'AddUserToGroup', { GroupName: 'readers', UserName: 'ana' }, at);
  expect((await callAs(kernel, ana, 'iam', 'ListUsers', {})).Users).toHaveLength(1);
});
