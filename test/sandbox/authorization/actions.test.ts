import { expect, it } from 'vitest';
import { actionDetails, actionExists } from '../../../sandbox/authorization/actions.ts';
import { iam } from '../../../sandbox/services/iam/index.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { organizations } from '../../../sandbox/services/organizations/index.ts';

it('recognises actions case-insensitively', async () => {
  expect(await actionExists('ec2:describeinstances')).toBe(true);
  expect(await actionExists('ec2:DescribeInstancez')).toBe(false);
  expect(await actionExists('ec3:DescribeInstances')).toBe(false);
});

it('knows whether an action has a resource type', async () => {
  expect((await actionDetails('ec2:DescribeInstances')).wildcardOnly).toBe(true);
  const revoke = await actionDetails('ec2:RevokeSecurityGroupIngress');
  expect(revoke.wildcardOnly).toBe(false);
  expect(revoke.resourceTypes.map(({ arn }) => arn)).toContain(
    'arn:${Partition}:ec2:${Region}:${Account}:security-group/${SecurityGroupId}',
  );
  expect((await actionDetails('iam:PassRole')).conditionKeys).toContain('iam:PassedToService');
  await expect(actionDetails('iam:PassRoles')).rejects.toThrow('iam:PassRoles is not an IAM action');
});

it.each([iam, kms, organizations])(
  'every operation of $name is an IAM action of its name',
  async ({ prefix, operations }) => {
    const actions = Object.keys(operations).map((operation) => `${prefix}:${operation}`);
    const missing = await Promise.all(actions.map(async (action) => ((await actionExists(action)) ? [] : [action])));
    expect(missing.flat()).toEqual([]);
  },
);
