import { describe, expect, it } from 'vitest';
import { iamIdentity } from '../../../../functions/remediations/iam/identity-target.ts';

const finding = (Type: string, named: string, Details?: object) => ({
  Type,
  Id: `arn:aws:iam::333333333333:${named}`,
  ...(Details && { Details }),
});
const ROLE_ID = 'AROACKCEVSQ6C2EXAMPLE';

describe('the identity of a finding', () => {
  it.each<[how: string, resource: ReturnType<typeof finding>, kind: string, identity: string]>([
    ['a role by name', finding('AwsIamRole', 'role/team/deploy'), 'role', 'team/deploy'],
    ['a group by name', finding('AwsIamGroup', 'group/admins'), 'group', 'admins'],
    ['a user by name', finding('AwsIamUser', 'user/jo@example.com'), 'user', 'jo@example.com'],
    [
      'a role by its unique id',
      finding('AwsIamRole', `role/${ROLE_ID}`, { AwsIamRole: { RoleId: ROLE_ID, RoleName: 'deploy', Path: '/team/' } }),
      'role',
      'team/deploy',
    ],
  ])('is %s', (_, resource, kind, identity) => expect(iamIdentity.parse(resource)).toEqual({ kind, identity }));

  it.each<[why: string, resource: ReturnType<typeof finding>, message: string]>([
    ['a unique id without details', finding('AwsIamRole', `role/${ROLE_ID}`), 'no Details with path and name'],
    ['another type than the ARN', finding('AwsIamUser', 'role/deploy'), 'is not a user, group or role'],
    ['a type that IAM attaches nothing to', finding('AwsIamPolicy', 'policy/all'), 'is not a user, group or role'],
    ['a wildcard', finding('AwsIamRole', 'role/*'), 'that a session policy can name'],
    [
      'a wildcard in the details',
      finding('AwsIamRole', `role/${ROLE_ID}`, { AwsIamRole: { RoleName: '*', Path: '/' } }),
      'that a session policy can name',
    ],
  ])('is not %s', (_, resource, message) =>
    expect(iamIdentity.safeParse(resource).error!.issues[0]!.message).toContain(message),
  );
});
