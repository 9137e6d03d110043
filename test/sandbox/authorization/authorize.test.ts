import { expect, it } from 'vitest';
import { authorize } from '../../../sandbox/authorization/authorize.ts';
import type { Need } from '../../../sandbox/kernel/kernel.ts';
import { ec2 } from '../../../sandbox/services/ec2/index.ts';
import { attachScp } from '../../../sandbox/services/organizations/set-up.ts';
import { s3 } from '../../../sandbox/services/s3/index.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import { allow, callAs, decidingKernel, MANAGEMENT, MEMBER, placeOf, roleSession } from '../support/deciding-kernel.ts';

const QUEUE = `arn:aws:sqs:us-east-1:${MEMBER}:jobs`;

it.each<[service: string, need: Need, code: string, status: number, message: string]>([
  [
    'ec2',
    { action: 'ec2:DescribeInstances', resource: '*' },
    'UnauthorizedOperation',
    403,
    'You are not authorized to perform this operation. User: WHO is not authorized to perform: ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action',
  ],
  [
    'sqs',
    { action: 'sqs:SendMessage', resource: QUEUE },
    'AccessDenied',
    403,
    `User: WHO is not authorized to perform: sqs:sendmessage on resource: ${QUEUE} because no identity-based policy allows the sqs:sendmessage action`,
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
    { action: 'sts:AssumeRole', resource: `arn:aws:iam::${MEMBER}:role/x` },
    'AccessDenied',
    403,
    `User: WHO is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${MEMBER}:role/x`,
  ],
])('%s denies with its own code and message', async (service, need, code, status, message) => {
  const kernel = decidingKernel(ec2, sqs, s3);
  const worker = await roleSession(kernel, MEMBER, 'worker');
  const who = `arn:aws:sts::${MEMBER}:assumed-role/worker/run`;
  expect(() => authorize(kernel, worker, placeOf(MEMBER), need, service)).toThrow(
    expect.objectContaining({ code, status, message: message.replace('WHO', who) }),
  );
});

it('logs a decision with the statement that decided', async () => {
  const kernel = decidingKernel();
  const worker = await roleSession(kernel, MEMBER, 'worker', allow('sqs:*'));
  authorize(kernel, worker, placeOf(MEMBER), { action: 'sqs:SendMessage', resource: QUEUE });
  expect(kernel.decisions.at(-1)).toEqual({
    action: 'sqs:SendMessage',
    resource: QUEUE,
    principal: `arn:aws:sts::${MEMBER}:assumed-role/worker/run`,
    role: `arn:aws:iam::${MEMBER}:role/worker`,
    account: MEMBER,
    region: 'us-east-1',
    decision: 'Allow',
    by: ['inline#0'],
  });
});

it('applies a service control policy of a unit to the accounts below it, not to the management account', async () => {
  const kernel = decidingKernel();
  const deny = { Version: '2012-10-17', Statement: [{ Effect: 'Deny' as const, Action: 'sqs:*', Resource: '*' }] };
  attachScp(kernel, 'Workloads', deny);
  attachScp(kernel, MANAGEMENT, deny);
  const need = { action: 'sqs:ListQueues', resource: '*' };
  const inMember = await roleSession(kernel, MEMBER, 'worker', allow('sqs:*'));
  const inManagement = await roleSession(kernel, MANAGEMENT, 'worker', allow('sqs:*'));
  expect(() => authorize(kernel, inMember, placeOf(MEMBER), need)).toThrow('explicit deny in a service control policy');
  expect(authorize(kernel, inManagement, placeOf(MANAGEMENT), need).decision).toBe('Allow');
});

it.each([
  ['aws:PrincipalArn', `arn:aws:iam::${MEMBER}:role/worker`],
  ['aws:PrincipalAccount', MEMBER],
  ['aws:PrincipalOrgID', 'o-exampleorgid'],
  ['aws:PrincipalTag/team', 'blue'],
  ['aws:ResourceAccount', MEMBER],
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
])('a request has the condition key %s', async (key, value) => {
  const kernel = decidingKernel();
  const statement = { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringEquals: { [key]: value } } };
  const worker = await roleSession(kernel, MEMBER, 'worker', { Version: '2012-10-17', Statement: [statement] });
  await kernel.as('iam', 'TagRole', { RoleName: 'worker', Tags: [{ Key: 'team', Value: 'blue' }] }, placeOf(MEMBER));
  const need = { action: 'sqs:SendMessage', resource: QUEUE, resourceTags: { stage: 'production' } };
  const place = placeOf(MEMBER, 'eu-west-1');
  expect(authorize(kernel, worker, place, need).decision).toBe('Allow');
});

it.each([
  ['iam:ListRoles', 'us-east-1'],
  ['organizations:ListAccounts', 'us-east-1'],
  ['sqs:ListQueues', 'eu-west-1'],
])('%s from eu-west-1 is requested in %s', async (action, region) => {
  const kernel = decidingKernel(sqs);
  const statement = {
    ...{ Effect: 'Allow', Action: '*', Resource: '*' },
    Condition: { StringEquals: { 'aws:RequestedRegion': region } },
  };
  const worker = await roleSession(kernel, MEMBER, 'worker', { Version: '2012-10-17', Statement: [statement] });
  const place = placeOf(MEMBER, 'eu-west-1');
  expect(authorize(kernel, worker, place, { action, resource: '*' }).decision).toBe('Allow');
});

it('gives a service principal the source it acts for', () => {
  const kernel = decidingKernel();
  const source = `arn:aws:events:us-east-1:${MEMBER}:rule/r`;
  const events = { kind: 'service', service: 'events.amazonaws.com', account: MEMBER, source } as const;
  const allowing = (aws: object) => ({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow' as const,
        Principal: { Service: ['events.amazonaws.com', 'sns.amazonaws.com'] },
        Action: 'sqs:*',
        Resource: '*',
        Condition: aws as any,
      },
    ],
  });
  const need = (condition: object) => ({
    action: 'sqs:SendMessage',
    resource: QUEUE,
    resourcePolicy: allowing(condition),
  });
  const right = {
    ArnEquals: { 'aws:SourceArn': source },
    StringEquals: { 'aws:SourceAccount': MEMBER, 'aws:SourceOrgID': 'o-exampleorgid' },
  };
  expect(authorize(kernel, events, placeOf(MEMBER), need(right)).by).toEqual(['resource#0']);
  const wrong = { ArnEquals: { 'aws:SourceArn': `${source}2` } };
  expect(() => authorize(kernel, events, placeOf(MEMBER), need(wrong))).toThrow('no resource-based policy allows');

  const topics = { ...events, service: 'sns.amazonaws.com' };
  const { ArnEquals } = right;
  expect(authorize(kernel, topics, placeOf(MEMBER), need({ ArnEquals })).by).toEqual(['resource#0']);
  expect(() => authorize(kernel, topics, placeOf(MEMBER), need(right))).toThrow('no resource-based policy allows');
});

it('denies everything to sessions of a role that was deleted and created again', async () => {
  const kernel = decidingKernel();
  const worker = await roleSession(kernel, MEMBER, 'worker', allow('iam:*'));
  const at = placeOf(MEMBER);
  await kernel.as('iam', 'DeleteRolePolicy', { RoleName: 'worker', PolicyName: 'inline' }, at);
  await kernel.as('iam', 'DeleteRole', { RoleName: 'worker' }, at);
  await roleSession(kernel, MEMBER, 'worker', allow('iam:*'));
  await expect(callAs(kernel, worker, 'iam', 'ListRoles', {})).rejects.toThrow('no identity-based policy allows');
});

it('gives a user the policies of its groups', async () => {
  const kernel = decidingKernel();
  const at = placeOf(MEMBER);
  const { User } = await kernel.as('iam', 'CreateUser', { UserName: 'ana' }, at);
  await kernel.as('iam', 'CreateGroup', { GroupName: 'readers' }, at);
  const PolicyDocument = JSON.stringify(allow('iam:ListUsers'));
  await kernel.as('iam', 'PutGroupPolicy', { GroupName: 'readers', PolicyName: 'p', PolicyDocument }, at);
  const ana = { kind: 'user', arn: User.Arn, account: MEMBER, user: 'ana', userId: User.UserId } as const;
  await expect(callAs(kernel, ana, 'iam', 'ListUsers', {})).rejects.toThrow(
    `iam:ListUsers on resource: arn:aws:iam::${MEMBER}:user/`,
  );
  await kernel.as('iam', 'AddUserToGroup', { GroupName: 'readers', UserName: 'ana' }, at);
  expect((await callAs(kernel, ana, 'iam', 'ListUsers', {})).Users).toHaveLength(1);
});
