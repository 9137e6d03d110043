import { EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { arn, defineRemediation, type Remediation } from '../../../functions/contract/remediation.ts';
import {
  applyPolicies,
  MANAGED_POLICY_LIMIT,
  memberRolePolicies,
  planPolicy,
  SESSION_POLICY_LIMIT,
} from '../../../functions/domain/permissions.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';

const PLACE = { partition: 'aws', account: '333333333333', region: 'eu-west-1' };
const bucket = defineRemediation({
  id: 's3/toy',
  title: 'A toy',
  handles: { controls: ['S3.99'] },
  risk: 'safe',
  target: arn('AwsS3Bucket', 'arn:{partition}:s3:::{bucket}'),
  params: z.strictObject({}),
  state: z.strictObject({}),
  reads: [{ actions: ['s3:GetBucketPolicy'], resources: ['arn:{partition}:s3:::{bucket}'], because: 'a toy' }],
  writes: [{ actions: ['s3:PutBucketPolicy'], resources: ['arn:{partition}:s3:::{bucket}'], because: 'a toy' }],
  clients: { ec2: EC2Client },
}).by({ read: async () => ({}), want: () => ({}), write: async () => {}, summary: () => '' });

const SUPPORT = 'arn:{partition}:iam::aws:policy/AWSSupportAccess';
const attaching = (id: `${string}/${string}`, policy = SUPPORT): Remediation => ({
  ...bucket,
  id,
  reads: [],
  writes: [
    {
      actions: ['iam:AttachRolePolicy'],
      resources: ['arn:{partition}:iam::{account}:role/{bucket}'],
      because: 'a toy',
      only: { 'iam:PolicyARN': policy },
    },
  ],
});

describe('a session policy', () => {
  it('names only the target', () => {
    const closeAdminPorts = REMEDIATIONS.find(({ id }) => id === 'ec2/close-admin-ports');
    expect(applyPolicies(closeAdminPorts!, PLACE, [{ groupId: 'sg-1' }])[0]!.policy.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'],
        Resource: 'arn:aws:ec2:eu-west-1:333333333333:security-group/sg-1',
      },
    ]);
  });
  it('limits a resource whose ARN has no account to the account of the finding', () => {
    expect(planPolicy(bucket, PLACE, { bucket: 'logs' }).Statement[0]).toMatchObject({
      Resource: 'arn:aws:s3:::logs',
      Condition: { StringEquals: { 'aws:ResourceAccount': '333333333333' } },
    });
  });
  it('limits what a call may attach', () => {
    const [{ policy }] = applyPolicies(attaching('iam/a'), PLACE, [{ bucket: 'logs' }]) as [any];
    expect(policy.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'iam:AttachRolePolicy',
        Resource: 'arn:aws:iam::333333333333:role/logs',
        Condition: { StringEquals: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/AWSSupportAccess' } },
      },
    ]);
  });
  it.each(['*', 'a*', 'a?', 'a b', 'a"', '${aws:username}', ''])('refuses %j for a name', (name) => {
    expect(() => planPolicy(bucket, PLACE, { bucket: name })).toThrow(/cannot be part of a session policy/);
  });
  it('is split where the targets do not fit into one', () => {
    const targets = Array.from({ length: 100 }, (_, n) => ({ bucket: `bucket-with-a-long-name-${n}` }));
    const parts = applyPolicies(bucket, PLACE, targets);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.flatMap((part) => part.targets)).toEqual(targets);
    for (const { policy } of parts) expect(JSON.stringify(policy).length).toBeLessThanOrEqual(SESSION_POLICY_LIMIT);
  });
});

describe("the member role's policies", () => {
  const many = Array.from({ length: 120 }, (_, n): Remediation => ({ ...bucket, id: `toy/number-${n}` }));
  it('fit into ten managed policies for 120 remediations', () => {
    const policies = memberRolePolicies(many);
    expect(policies.length).toBeLessThanOrEqual(10);
    for (const policy of policies) expect(JSON.stringify(policy).length).toBeLessThanOrEqual(MANAGED_POLICY_LIMIT);
  });
  it('grant each action only to sessions of its remediation', () => {
    const tags = memberRolePolicies(many).flatMap(({ Statement }) =>
      Statement.map(({ Condition }) => Condition?.StringEquals?.['aws:PrincipalTag/suture:remediation']),
    );
    for (const each of tags) expect(each).toBeDefined();
    expect(new Set(tags.flat())).toEqual(new Set(many.map(({ id }) => id)));
  });
  it('say equal actions and resources once, however many remediations share them', () => {
    const [policy] = memberRolePolicies(many.slice(0, 20));
    const statements = JSON.stringify(policy!.Statement.map(({ Action, Resource }) => [Action, Resource]));
    expect(policy!.Statement.length).toBe(
      new Set(JSON.parse(statements).map((each: any) => JSON.stringify(each))).size,
    );
  });
  it('pass a role to one service alone, in the role and in the session', () => {
    const role = 'arn:{partition}:iam::{account}:role/{role}';
    const passing = (id: Remediation['id'], service: string): Remediation => ({
      ...bucket,
      id,
      writes: [
        {
          actions: ['iam:PassRole'],
          resources: [role],
          because: 'hands it over',
          only: { 'iam:PassedToService': service },
        },
      ],
    });
    const trails = passing('toy/trail', 'cloudtrail.amazonaws.com');
    const [policy] = memberRolePolicies([trails, passing('toy/flow', 'vpc-flow-logs.amazonaws.com')]);
    const conditions = policy!.Statement.filter(({ Action }) => Action === 'iam:PassRole').map(
      ({ Condition }) => Condition!.StringEquals,
    );
    expect(conditions).toEqual([
      { 'aws:PrincipalTag/suture:remediation': 'toy/trail', 'iam:PassedToService': 'cloudtrail.amazonaws.com' },
      { 'aws:PrincipalTag/suture:remediation': 'toy/flow', 'iam:PassedToService': 'vpc-flow-logs.amazonaws.com' },
    ]);
    const place = { partition: 'aws', account: '111122223333', region: 'eu-west-1' };
    expect(applyPolicies(trails, place, [{ role: 'logs' }])[0]!.policy.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: 'arn:aws:iam::111122223333:role/logs',
        Condition: { StringEquals: { 'iam:PassedToService': 'cloudtrail.amazonaws.com' } },
      },
    ]);
  });
  it('share a statement only if the same may be attached', () => {
    const other = attaching('iam/c', 'arn:{partition}:iam::aws:policy/ReadOnlyAccess');
    const [policy] = memberRolePolicies([attaching('iam/a'), attaching('iam/b'), other]);
    expect(policy!.Statement.map(({ Condition }) => Condition!.StringEquals)).toEqual([
      {
        'aws:PrincipalTag/suture:remediation': ['iam/a', 'iam/b'],
        'iam:PolicyARN': 'arn:${AWS::Partition}:iam::aws:policy/AWSSupportAccess',
      },
      {
        'aws:PrincipalTag/suture:remediation': 'iam/c',
        'iam:PolicyARN': 'arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess',
      },
    ]);
  });
  it('split a statement whose tags do not fit', () => {
    const long = Array.from({ length: 400 }, (_, n): Remediation => ({ ...bucket, id: `toy/a-rather-long-name-${n}` }));
    const policies = memberRolePolicies(long);
    for (const policy of policies) expect(JSON.stringify(policy).length).toBeLessThanOrEqual(MANAGED_POLICY_LIMIT);
    const tags = policies.flatMap(({ Statement }) =>
      Statement.flatMap(({ Condition }) => Condition!.StringEquals!['aws:PrincipalTag/suture:remediation']!),
    );
    expect(new Set(tags).size).toBe(400);
  });
});
