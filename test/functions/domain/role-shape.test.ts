import { describe, expect, it } from 'vitest';
import { type RoleShape, roleDifference } from '../../../functions/domain/role-shape.ts';

const [HERE, THERE] = ['111122223333', '444455556666'];
const trust = (statement: object) => ({ Version: '2012-10-17', Statement: [statement] });
const TRUST = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${THERE}:root` }, Action: 'sts:AssumeRole' };
const READS = {
  Effect: 'Allow',
  Action: ['s3:GetObject', 's3:ListBucket'],
  Resource: ['arn:aws:s3:::a', 'arn:aws:s3:::b'],
};

const role = (changes: Partial<RoleShape> = {}, account = HERE): RoleShape => ({
  arn: `arn:aws:iam::${account}:role/app/reader`,
  maxSessionSeconds: 3600,
  trust: trust(TRUST),
  boundary: { arn: `arn:aws:iam::${account}:policy/limit`, document: trust(READS) },
  attached: [{ arn: `arn:aws:iam::${account}:policy/reads`, document: trust(READS) }],
  inline: { own: trust(READS) },
  tags: { team: 'shop' },
  ...changes,
});
const withTrust = (statement: object) => role({ trust: trust({ ...TRUST, ...statement }) });
const withReads = (statement: object) =>
  role({ attached: [{ arn: `arn:aws:iam::${HERE}:policy/reads`, document: trust({ ...READS, ...statement }) }] });

describe('two roles have equal shapes', () => {
  it.each<[string, RoleShape, RoleShape]>([
    ['in two accounts', role(), role({}, '777788889999')],
    [
      'that name their own account',
      role({ trust: trust({ ...TRUST, Principal: { AWS: `arn:aws:iam::${HERE}:user/a` } }) }),
      role({ trust: trust({ ...TRUST, Principal: { AWS: 'arn:aws:iam::777788889999:user/a' } }) }, '777788889999'),
    ],
    [
      'whatever the order of values',
      role(),
      withReads({ Action: READS.Action.toReversed(), Resource: READS.Resource.toReversed() }),
    ],
    [
      'whatever the order of statements, and how many say it',
      role(),
      role({
        inline: {
          own: {
            Version: '2012-10-17',
            Statement: READS.Action.toReversed().map((Action) => ({ ...READS, Action, Sid: Action.slice(3) })),
          },
        },
      }),
    ],
    ['whatever the case of actions', role(), withReads({ Action: ['S3:getobject', 's3:ListBucket'] })],
    [
      'whatever the case of condition keys',
      withTrust({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }),
      withTrust({ Condition: { StringEquals: { 'AWS:principalorgid': ['o-1'] } } }),
    ],
    ['with a list of one value', role(), withTrust({ Action: ['sts:AssumeRole'] })],
    ['with an account as principal', role(), withTrust({ Principal: { AWS: THERE } })],
    [
      'with truth values as text',
      withTrust({ Condition: { Bool: { a: true } } }),
      withTrust({ Condition: { Bool: { a: 'true' } } }),
    ],
    ['with one statement that is no list', role(), role({ trust: { Version: '2012-10-17', Statement: TRUST } })],
    ["with AWS's own tags", role(), role({ tags: { team: 'shop', 'aws:cloudformation:stack-name': 's' } })],
    [
      'with policies in another order',
      role({ attached: [{ arn: 'arn:aws:iam::aws:policy/A' }, { arn: 'arn:aws:iam::aws:policy/B' }] }),
      role({ attached: [{ arn: 'arn:aws:iam::aws:policy/B' }, { arn: 'arn:aws:iam::aws:policy/A' }] }),
    ],
  ])('%s', (_, expected, actual) => {
    expect(roleDifference(expected, actual)).toEqual([]);
    expect(roleDifference(actual, expected)).toEqual([]);
  });
});

describe('the difference of two shapes shows', () => {
  it.each<[string, RoleShape, string[]]>([
    [
      'another account that is trusted',
      withTrust({ Principal: { AWS: 'arn:aws:iam::666666666666:root' } }),
      [
        '- trust: Allow sts:AssumeRole by AWS arn:aws:iam::444455556666:root',
        '+ trust: Allow sts:AssumeRole by AWS arn:aws:iam::666666666666:root',
      ],
    ],
    [
      'a condition that is gone or new',
      withTrust({ Condition: { StringLike: { 'aws:PrincipalArn': ['b', 'a'] } } }),
      [
        '- trust: Allow sts:AssumeRole by AWS arn:aws:iam::444455556666:root',
        '+ trust: Allow sts:AssumeRole by AWS arn:aws:iam::444455556666:root if StringLike aws:PrincipalArn = a | b',
      ],
    ],
    [
      'each action on each resource',
      withReads({ Action: ['s3:GetObject', 's3:PutObject'] }),
      [
        '- policy /reads: Allow s3:ListBucket on arn:aws:s3:::a',
        '- policy /reads: Allow s3:ListBucket on arn:aws:s3:::b',
        '+ policy /reads: Allow s3:PutObject on arn:aws:s3:::a',
        '+ policy /reads: Allow s3:PutObject on arn:aws:s3:::b',
      ],
    ],
    [
      'an effect',
      role({ inline: { own: trust({ ...READS, Effect: 'Deny', Action: 's3:*', Resource: '*' }) } }),
      [
        '- inline policy own: Allow s3:GetObject on arn:aws:s3:::a',
        '- inline policy own: Allow s3:GetObject on arn:aws:s3:::b',
        '- inline policy own: Allow s3:ListBucket on arn:aws:s3:::a',
        '- inline policy own: Allow s3:ListBucket on arn:aws:s3:::b',
        '+ inline policy own: Deny s3:* on *',
      ],
    ],
    [
      'negated elements',
      role({
        inline: { own: trust({ Effect: 'Allow', NotAction: ['b:*', 'a:*'], NotResource: '*' }) },
        boundary: undefined,
      }),
      [
        '+ role: has no boundary',
        `- role: has the boundary arn:aws:iam::{account}:policy/limit`,
        '+ inline policy own: Allow all but a:*, b:* on all but *',
        '- inline policy own: Allow s3:GetObject on arn:aws:s3:::a',
        '- inline policy own: Allow s3:GetObject on arn:aws:s3:::b',
        '- inline policy own: Allow s3:ListBucket on arn:aws:s3:::a',
        '- inline policy own: Allow s3:ListBucket on arn:aws:s3:::b',
      ],
    ],
    [
      'a boundary that allows more',
      role({
        boundary: {
          arn: `arn:aws:iam::${HERE}:policy/limit`,
          document: trust({ ...READS, Resource: '*', Action: '*' }),
        },
      }),
      [
        '+ boundary: Allow * on *',
        '- boundary: Allow s3:GetObject on arn:aws:s3:::a',
        '- boundary: Allow s3:GetObject on arn:aws:s3:::b',
        '- boundary: Allow s3:ListBucket on arn:aws:s3:::a',
        '- boundary: Allow s3:ListBucket on arn:aws:s3:::b',
      ],
    ],
    [
      'a policy of AWS that was attached, in one line',
      role({ attached: [...role().attached, { arn: 'arn:aws:iam::aws:policy/AdministratorAccess' }] }),
      ['+ role: has the policy arn:aws:iam::aws:policy/AdministratorAccess'],
    ],
    [
      'an inline policy that was added, in one line',
      role({ inline: { ...role().inline, x: trust(READS) } }),
      ['+ role: has the inline policy x'],
    ],
    [
      'a policy that was detached, in one line',
      role({ attached: [] }),
      ['- role: has the policy arn:aws:iam::{account}:policy/reads'],
    ],
    ['a tag', role({ tags: {} }), ['- role: has the tag team = shop']],
    [
      'longer sessions and another path',
      { ...role({ maxSessionSeconds: 43_200 }), arn: `arn:aws:iam::${HERE}:role/reader` },
      [
        '- role: has sessions of 3600 seconds at most',
        '+ role: has sessions of 43200 seconds at most',
        '- role: is /app/reader',
        '+ role: is /reader',
      ],
    ],
    [
      'a service, and everybody',
      withTrust({ Principal: { Service: 'ec2.amazonaws.com', AWS: '*' } }),
      [
        '+ trust: Allow sts:AssumeRole by AWS *',
        '- trust: Allow sts:AssumeRole by AWS arn:aws:iam::444455556666:root',
        '+ trust: Allow sts:AssumeRole by Service ec2.amazonaws.com',
      ],
    ],
    [
      'a principal that is excluded',
      role({ trust: trust({ Effect: 'Deny', NotPrincipal: { AWS: THERE }, Action: 'sts:AssumeRole' }) }),
      [
        '- trust: Allow sts:AssumeRole by AWS arn:aws:iam::444455556666:root',
        '+ trust: Deny sts:AssumeRole by all but AWS arn:aws:iam::444455556666:root',
      ],
    ],
    [
      'the older version of policies',
      role({ trust: { Statement: TRUST } }),
      ['+ trust: has the version 2008-10-17', '- trust: has the version 2012-10-17'],
    ],
  ])('%s', (_, actual, expected) => {
    expect(roleDifference(role(), actual)).toEqual(expected);
  });

  it('a trust in the account itself where another one is expected', () => {
    const here = role({ trust: trust({ ...TRUST, Principal: { AWS: `arn:aws:iam::${HERE}:root` } }) });
    expect(roleDifference(role(), here)).toHaveLength(2);
  });

  it("a number that only begins with the account's unchanged", () => {
    const longer = role({ tags: { team: `${HERE}0` } });
    expect(roleDifference(role({ tags: {} }), longer)).toEqual([`+ role: has the tag team = ${HERE}0`]);
  });
});
