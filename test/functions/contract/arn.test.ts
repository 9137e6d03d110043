import { describe, expect, it } from 'vitest';
import { arn, targetArn } from '../../../functions/contract/remediation.ts';
import { planPolicy } from '../../../functions/domain/permissions.ts';

const GROUP = 'arn:{partition}:logs:{region}:{account}:log-group:{group}';
const logGroup = arn('AwsLogsLogGroup', GROUP, { group: /[\w./#-]+/ }, /(?::\*)?/);
const repository = arn('AwsEcrRepository', 'arn:{partition}:ecr:{region}:{account}:repository/{repository}', {
  repository: /[a-z0-9._/-]+/,
});
const parse = (schema: typeof logGroup | typeof repository, Type: string, Id: string) =>
  schema.safeParse({ Type, Id }).data;

describe('an ARN', () => {
  it('has names with slashes if its fields have a pattern', () => {
    expect(parse(repository, 'AwsEcrRepository', 'arn:aws:ecr:eu-west-1:111122223333:repository/team/app')).toEqual({
      repository: 'team/app',
    });
    expect(parse(logGroup, 'AwsLogsLogGroup', 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/a#1')).toEqual(
      { group: '/aws/lambda/a#1' },
    );
  });
  it('may have a suffix that is not part of the target', () => {
    const Id = 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/x:*';
    const target = parse(logGroup, 'AwsLogsLogGroup', Id) as { group: string };
    expect(target).toEqual({ group: '/aws/lambda/x' });
    const place = { partition: 'aws', account: '111122223333', region: 'eu-west-1' };
    expect(targetArn({ id: 'logs/x', target: logGroup }, place, target)).toBe(Id.slice(0, -2));
  });
  it('matches as a whole, and refuses wildcards in names', () => {
    for (const name of ['', 'x:log-stream:y', 'x*', 'x?', 'x:*:*', '${aws:username}'])
      expect(
        parse(logGroup, 'AwsLogsLogGroup', `arn:aws:logs:eu-west-1:111122223333:log-group:${name}`),
      ).toBeUndefined();
    const plain = arn('AwsRdsDbInstance', 'arn:{partition}:rds:{region}:{account}:db:{instance}');
    const rds = (name: string) => `arn:aws:rds:eu-west-1:111122223333:db:${name}`;
    expect(plain.safeParse({ Type: 'AwsRdsDbInstance', Id: rds('a/b') }).success).toBe(false);
    expect(plain.safeParse({ Type: 'AwsRdsDbInstance', Id: rds('a') }).data).toEqual({ instance: 'a' });
  });
  it('does not compile with a pattern for an unknown field', () => {
    // @ts-expect-error the ARN has no such field
    arn('AwsLogsLogGroup', GROUP, { name: /x/ });
  });
});

it('a session policy names a log group with slashes', () => {
  const reads = [{ actions: ['logs:DescribeLogGroups'], resources: [GROUP], because: 'x' }] as const;
  const place = { partition: 'aws', account: '111122223333', region: 'eu-west-1' };
  const policy = planPolicy({ reads } as never, place, { group: '/aws/lambda/a#1' });
  expect(policy.Statement[0]).toMatchObject({
    Resource: 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/a#1',
  });
});
