import { describe, expect, it } from 'vitest';
import { daysUnused } from '../../../../functions/remediations/iam/ages.ts';
import { iamUser, userName } from '../../../../functions/remediations/iam/user.ts';

const USER_ID = 'AIDACKCEVSQ6C2EXAMPLE';
const finding = (named: string, details: object | undefined, Type = 'AwsIamUser') => ({
  Type,
  Id: `arn:aws:iam::333333333333:user/${named}`,
  ...(details && { Details: { AwsIamUser: details } }),
});

describe('the user of a finding', () => {
  const accepted: [how: string, named: string, details: object, user: string][] = [
    ['by unique id', USER_ID, { UserId: USER_ID, UserName: 'jo', Path: '/' }, 'jo'],
    [
      'by unique id, with a path',
      USER_ID,
      { UserId: USER_ID, UserName: 'jo', Path: '/division/team/' },
      'division/team/jo',
    ],
    ['by name', 'jo', { UserId: USER_ID, UserName: 'jo', Path: '/' }, 'jo'],
    [
      'by path and name',
      'team/jo@example.com',
      { UserId: USER_ID, UserName: 'jo@example.com', Path: '/team/' },
      'team/jo@example.com',
    ],
  ];
  it.each(accepted)('is read %s', (_, named, details, user) => {
    expect(iamUser.parse(finding(named, details))).toEqual({ userId: USER_ID, user });
  });

  const rejected: [why: string, resource: object, message: string][] = [
    ['there are no details', finding(USER_ID, undefined), 'Details are missing'],
    [
      'the details are of another id',
      finding(USER_ID, { UserId: 'AIDAANOTHERSQ6EXAMPLE', UserName: 'jo', Path: '/' }),
      'has Details of another user: AIDAANOTHERSQ6EXAMPLE, jo',
    ],
    [
      'the details are of another name',
      finding('jo', { UserId: USER_ID, UserName: 'root-like', Path: '/' }),
      `has Details of another user: ${USER_ID}, root-like`,
    ],
    [
      'the path is another one',
      finding('team/jo', { UserId: USER_ID, UserName: 'jo', Path: '/' }),
      'has Details of another user',
    ],
    ['the name is a wildcard', finding(USER_ID, { UserId: USER_ID, UserName: '*', Path: '/' }), 'IAM does not allow'],
    [
      'the path has a wildcard, which IAM allows',
      finding(USER_ID, { UserId: USER_ID, UserName: 'jo', Path: '/a*b/' }),
      'a path with characters that Suture does not put into a session policy, though IAM allows them',
    ],
    ['the name hides a path', finding(USER_ID, { UserId: USER_ID, UserName: '../jo', Path: '/' }), 'has a UserName'],
    [
      'the id is of a role',
      finding('jo', { UserId: 'AROACKCEVSQ6C2EXAMPLE', UserName: 'jo', Path: '/' }),
      "AROACKCEVSQ6C2EXAMPLE, which is not a user's id",
    ],
    [
      'it is not a user',
      finding('jo', { UserId: USER_ID, UserName: 'jo', Path: '/' }, 'AwsIamRole'),
      'is not AwsIamUser',
    ],
  ];
  it.each(rejected)('is not read where %s', (_, resource, message) => {
    expect(iamUser.safeParse(resource).error?.issues[0]?.message).toContain(message);
  });

  it('is named by the last part of its ARN', () => {
    expect(['jo', 'division/team/jo'].map((user) => userName({ userId: USER_ID, user }))).toEqual(['jo', 'jo']);
  });
});

describe('days without use', () => {
  const now = new Date('2026-06-01T12:00:00Z');
  const ago = (days: number) => new Date(now.getTime() - days * 86_400_000);
  const decisions: [name: string, made: Date, used: Date | undefined, days: number][] = [
    ['count from the last use', ago(300), ago(50), 50],
    ['count from the creation if there was no use', ago(60), undefined, 60],
    ['count from the creation if that is later than the last use', ago(3), ago(200), 3],
    ['are 0 if it was used after the execution started', ago(300), ago(-1), 0],
  ];
  it.each(decisions)('%s', (_, made, used, days) => {
    expect(daysUnused(made, used, now)).toBe(days);
  });
});
