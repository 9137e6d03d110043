/**
 * IAM's decision, rule by rule as AWS documents it:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { expect, test } from 'vitest';
import { evaluate, type IamVerdict, type Question } from '../../../sandbox/authorization/evaluate.ts';
import type { IamPolicy, IamStatement } from '../../../sandbox/authorization/policy.ts';
import type { PrincipalFacts } from '../../../sandbox/authorization/principals.ts';

const own = '111111111111';
const other = '222222222222';
const queue = `arn:aws:sqs:us-east-1:${own}:jobs`;
const key = `arn:aws:kms:us-east-1:${own}:key/k`;
const target = `arn:aws:iam::${own}:role/target`;

const user: PrincipalFacts = { kind: 'user', arn: `arn:aws:iam::${own}:user/ana`, account: own, uniqueId: 'AIDAANA' };
const session: PrincipalFacts = {
  kind: 'session',
  arn: `arn:aws:sts::${own}:assumed-role/worker/run`,
  account: own,
  role: `arn:aws:iam::${own}:role/worker`,
  uniqueId: 'AROAWORKER',
};
const stranger: PrincipalFacts = {
  ...user,
  arn: `arn:aws:iam::${other}:user/eve`,
  account: other,
  uniqueId: 'AIDAEVE',
};
const root: PrincipalFacts = { kind: 'root', arn: `arn:aws:iam::${own}:root`, account: own };
const events: PrincipalFacts = { kind: 'service', arn: 'events.amazonaws.com', account: own };

const policy = (...statements: IamStatement[]): IamPolicy => ({ Version: '2012-10-17', Statement: statements });
const allow = (more: Partial<IamStatement> = {}): IamStatement => ({
  Effect: 'Allow',
  Action: '*',
  Resource: '*',
  ...more,
});
const deny = (more: Partial<IamStatement> = {}): IamStatement => ({ ...allow(more), Effect: 'Deny' });
const named = (...statements: IamStatement[]) => [{ name: 'P', document: policy(...statements) }];
const yes = named(allow());
const trust = (principal: IamStatement['Principal'], effect: 'Allow' | 'Deny' = 'Allow', action = 'sts:AssumeRole') =>
  policy({ Effect: effect, Principal: principal, Action: action });
const grants = (principal: IamStatement['Principal'], more: Partial<IamStatement> = {}) =>
  policy(allow({ Principal: principal, ...more }));

const send = (resourcePolicy?: IamPolicy) => ({ action: 'sqs:SendMessage', resource: queue, resourcePolicy });
const decrypt = (resourcePolicy: IamPolicy) => ({ action: 'kms:Decrypt', resource: key, resourcePolicy });
const assume = (resourcePolicy: IamPolicy, action = 'sts:AssumeRole') => ({
  action,
  resource: target,
  resourcePolicy,
});

const ask = (more: Partial<Question>): Question => ({
  need: send(),
  principal: user,
  owner: own,
  identity: [],
  scps: [],
  context: new Map(),
  ...more,
});

/** `yes`, or the kind of policy that said no, with `!` for an explicit deny. */
const answer = ({ because }: IamVerdict): string => (because ? `${because.kind}${because.explicit ? '!' : ''}` : 'yes');

const cases: Record<string, [Partial<Question>, string]> = {
  'by default everything is denied': [{}, 'identity'],
  'an allow in an identity policy is enough in the own account': [{ identity: yes }, 'yes'],
  'several identity policies add up': [
    { identity: [...named(allow({ Action: 's3:*' })), ...named(allow({ Action: 'sqs:*' }))] },
    'yes',
  ],
  'an explicit deny wins over an allow in the same policy': [{ identity: named(allow(), deny()) }, 'identity!'],
  'an explicit deny wins over an allow in another policy': [{ identity: [...yes, ...named(deny())] }, 'identity!'],
  'the order of statements does not matter': [{ identity: named(deny(), allow()) }, 'identity!'],
  'a deny of another action does not count': [{ identity: named(allow(), deny({ Action: 'sqs:DeleteQueue' })) }, 'yes'],

  'actions are matched in any case': [{ identity: named(allow({ Action: 'SQS:sendmessage' })) }, 'yes'],
  'an action pattern with *': [{ identity: named(allow({ Action: 'sqs:Send*' })) }, 'yes'],
  'an action pattern with ?': [{ identity: named(allow({ Action: 'sqs:SendMessag?' })) }, 'yes'],
  '? is exactly one character': [{ identity: named(allow({ Action: 'sqs:SendMessage?' })) }, 'identity'],
  'an action of another service': [{ identity: named(allow({ Action: 'sns:*' })) }, 'identity'],
  'NotAction allows what it does not list': [
    { identity: named({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }) },
    'yes',
  ],
  'NotAction does not allow what it lists': [
    { identity: named({ Effect: 'Allow', NotAction: 'sqs:*', Resource: '*' }) },
    'identity',
  ],
  'NotAction denies what it does not list': [
    { identity: named(allow(), { Effect: 'Deny', NotAction: 'iam:*', Resource: '*' }) },
    'identity!',
  ],

  'a resource by its ARN': [{ identity: named(allow({ Resource: queue })) }, 'yes'],
  'another resource': [{ identity: named(allow({ Resource: `${queue}2` })) }, 'identity'],
  'one of several resources': [{ identity: named(allow({ Resource: ['arn:aws:sqs:*:*:x', queue] })) }, 'yes'],
  'a wildcard in a segment of the ARN': [{ identity: named(allow({ Resource: 'arn:aws:sqs:*:*:j?bs' })) }, 'yes'],
  'a wildcard does not reach over a colon': [
    { identity: named(allow({ Resource: `arn:aws:sqs:*:jobs` })) },
    'identity',
  ],
  'in the last segment a wildcard reaches over colons': [
    {
      need: { action: 'logs:PutLogEvents', resource: `arn:aws:logs:us-east-1:${own}:log-group:a:log-stream:b` },
      identity: named(allow({ Resource: `arn:aws:logs:us-east-1:${own}:log-group:*` })),
    },
    'yes',
  ],
  'resources are matched with their case': [
    { identity: named(allow({ Resource: queue.replace('jobs', 'Jobs') })) },
    'identity',
  ],
  'NotResource spares what it lists': [
    { identity: named(allow(), { Effect: 'Deny', Action: '*', NotResource: queue }) },
    'yes',
  ],
  'NotResource denies everything else': [
    { identity: named(allow(), { Effect: 'Deny', Action: '*', NotResource: `${queue}2` }) },
    'identity!',
  ],
  'an action without resources needs *': [
    {
      need: { action: 'ec2:DescribeInstances', resource: '*' },
      identity: named(allow({ Resource: `arn:aws:ec2:us-east-1:${own}:instance/*` })),
    },
    'identity',
  ],

  'a permissions boundary alone grants nothing': [{ boundary: yes[0] }, 'identity'],
  'identity policy and boundary both allow': [{ identity: yes, boundary: yes[0] }, 'yes'],
  'what the boundary leaves out is denied': [
    { identity: yes, boundary: named(allow({ Action: 's3:*' }))[0] },
    'boundary',
  ],
  'a deny in the boundary': [{ identity: yes, boundary: named(allow(), deny())[0] }, 'boundary!'],
  'a session policy alone grants nothing': [{ principal: session, session: policy(allow()) }, 'identity'],
  'a session has what role and session policy both allow': [
    { principal: session, identity: yes, session: policy(allow({ Action: 'sqs:*' })) },
    'yes',
  ],
  'what the session policy leaves out is denied': [
    { principal: session, identity: yes, session: policy(allow({ Action: 's3:*' })) },
    'session',
  ],
  'a deny in the session policy': [{ principal: session, identity: yes, session: policy(allow(), deny()) }, 'session!'],
  'boundary and session policy must both allow': [
    { principal: session, identity: yes, boundary: yes[0], session: policy(allow({ Action: 's3:*' })) },
    'session',
  ],

  'an SCP alone grants nothing': [{ scps: [yes] }, 'identity'],
  'every level of the organization must allow': [
    { identity: yes, scps: [yes, named(allow({ Action: 's3:*' })), yes] },
    'scp',
  ],
  'a level without any policy allows nothing': [{ identity: yes, scps: [yes, []] }, 'scp'],
  'one allowing policy of a level is enough': [
    { identity: yes, scps: [[...named(allow({ Action: 's3:*' })), ...yes]] },
    'yes',
  ],
  'a deny in an SCP of any level': [{ identity: yes, scps: [named(allow(), deny()), yes] }, 'scp!'],
  'an SCP binds the root user of a member account': [
    { principal: root, identity: yes, scps: [named(allow(), deny())] },
    'scp!',
  ],
  'an SCP limits what a resource policy grants to its own account': [
    { need: send(grants({ AWS: user.arn })), scps: [named(allow({ Action: 's3:*' }))] },
    'scp',
  ],

  'a resource policy that names the user is enough in the same account': [
    { need: send(grants({ AWS: user.arn })) },
    'yes',
  ],
  'a resource policy that names the account leaves it to identity policies': [
    { need: send(grants({ AWS: `arn:aws:iam::${own}:root` })) },
    'identity',
  ],
  'an account id is the same as its root ARN': [{ need: send(grants({ AWS: own })), identity: yes }, 'yes'],
  'a user named directly is not limited by the boundary': [
    { need: send(grants({ AWS: user.arn })), boundary: named(allow({ Action: 's3:*' }))[0] },
    'yes',
  ],
  'a deny in the boundary limits even a user named directly': [
    { need: send(grants({ AWS: user.arn })), boundary: named(allow(), deny())[0] },
    'boundary!',
  ],
  'a role named by its ARN needs no identity policy': [
    { principal: session, need: send(grants({ AWS: session.role! })) },
    'yes',
  ],
  'a role named by its ARN is limited by its boundary': [
    { principal: session, need: send(grants({ AWS: session.role! })), boundary: named(allow({ Action: 's3:*' }))[0] },
    'boundary',
  ],
  'a role named by its ARN is limited by the session policy': [
    { principal: session, need: send(grants({ AWS: session.role! })), session: policy(allow({ Action: 's3:*' })) },
    'session',
  ],
  'a session named by its ARN is not limited by boundary and session policy': [
    {
      principal: session,
      need: send(grants({ AWS: session.arn })),
      boundary: named(allow({ Action: 's3:*' }))[0],
      session: policy(allow({ Action: 's3:*' })),
    },
    'yes',
  ],
  'a role named by its unique id': [{ principal: session, need: send(grants({ AWS: 'AROAWORKER' })) }, 'yes'],
  'another role': [{ principal: session, need: send(grants({ AWS: `arn:aws:iam::${own}:role/other` })) }, 'identity'],
  'a deny in the resource policy wins over identity policies': [
    { need: send(policy(deny({ Principal: '*' }))), identity: yes },
    'resource!',
  ],
  'a deny that names the account meets all of it': [
    { need: send(policy(deny({ Principal: { AWS: own } }))), identity: yes },
    'resource!',
  ],
  'NotPrincipal with Deny spares who is listed': [
    {
      need: send(policy({ Effect: 'Deny', NotPrincipal: { AWS: user.arn }, Action: '*', Resource: '*' })),
      identity: yes,
    },
    'yes',
  ],
  'NotPrincipal with Deny meets everyone else': [
    { need: send(policy({ Effect: 'Deny', NotPrincipal: { AWS: other }, Action: '*', Resource: '*' })), identity: yes },
    'resource!',
  ],

  'across accounts an identity policy alone is not enough': [{ principal: stranger, identity: yes }, 'resource'],
  'across accounts a resource policy alone is not enough': [
    { principal: stranger, need: send(grants({ AWS: stranger.arn })) },
    'identity',
  ],
  'across accounts both sides allow': [
    { principal: stranger, identity: yes, need: send(grants({ AWS: other })) },
    'yes',
  ],
  'across accounts the boundary limits too': [
    {
      principal: stranger,
      identity: yes,
      need: send(grants({ AWS: stranger.arn })),
      boundary: named(allow({ Action: 's3:*' }))[0],
    },
    'boundary',
  ],
  'a grant to another account does not reach this one': [
    { principal: stranger, identity: yes, need: send(grants({ AWS: '333333333333' })) },
    'resource',
  ],

  'a service needs the resource policy': [{ principal: events }, 'resource'],
  'a service named by the resource policy': [
    { principal: events, need: send(grants({ Service: 'events.amazonaws.com' })) },
    'yes',
  ],
  'another service': [{ principal: events, need: send(grants({ Service: 'sns.amazonaws.com' })) }, 'resource'],
  'an account named by the resource policy is no service': [
    { principal: events, need: send(grants({ AWS: own })) },
    'resource',
  ],
  'a deny for everyone meets services': [
    {
      principal: events,
      need: send(policy(allow({ Principal: { Service: 'events.amazonaws.com' } }), deny({ Principal: '*' }))),
    },
    'resource!',
  ],

  'identity policies count for a KMS key only when its policy allows the account': [
    { need: decrypt(grants({ Service: 'logs.us-east-1.amazonaws.com' })), identity: yes },
    'resource',
  ],
  'a key policy that allows the account leaves it to identity policies': [
    { need: decrypt(grants({ AWS: `arn:aws:iam::${own}:root` })), identity: yes },
    'yes',
  ],
  'a key policy that allows the account grants nobody by itself': [
    { need: decrypt(grants({ AWS: `arn:aws:iam::${own}:root` })) },
    'identity',
  ],
  'a key policy that names the user is enough': [{ need: decrypt(grants({ AWS: user.arn })) }, 'yes'],
  'a key of another account needs both sides': [
    { principal: stranger, need: decrypt(grants({ AWS: other })), identity: [] },
    'identity',
  ],

  'identity policies alone never assume a role of the same account': [
    { need: assume(trust({ Service: 'lambda.amazonaws.com' })), identity: yes },
    'trust',
  ],
  'a trust policy that names the principal is enough in the same account': [
    { need: assume(trust({ AWS: user.arn })) },
    'yes',
  ],
  'a trust policy that names the account leaves it to identity policies': [
    { need: assume(trust({ AWS: own })) },
    'identity',
  ],
  'across accounts trust and identity policy must allow': [
    {
      principal: stranger,
      need: assume(trust({ AWS: other })),
      identity: named(allow({ Action: 'sts:AssumeRole', Resource: target })),
    },
    'yes',
  ],
  'across accounts a trust policy alone is not enough': [
    { principal: stranger, need: assume(trust({ AWS: stranger.arn })) },
    'identity',
  ],
  'TagSession is decided apart from AssumeRole': [
    { need: assume(trust({ AWS: user.arn }), 'sts:TagSession') },
    'trust',
  ],
  'SetSourceIdentity is decided apart from AssumeRole': [
    { need: assume(trust({ AWS: user.arn }), 'sts:SetSourceIdentity') },
    'trust',
  ],
  'a deny in the trust policy': [
    {
      need: assume(
        policy(
          { Effect: 'Allow', Principal: '*', Action: 'sts:*' },
          { Effect: 'Deny', Principal: '*', Action: 'sts:*' },
        ),
      ),
    },
    'trust!',
  ],
  'a service assumes a role that trusts it': [
    { principal: events, need: assume(trust({ Service: 'events.amazonaws.com' })) },
    'yes',
  ],
};

test.each(Object.entries(cases))('%s', (_rule, [question, expected]) => {
  expect(answer(evaluate(ask(question)))).toBe(expected);
});

test('a decision names the statements that allowed it', () => {
  const identity = [{ name: 'Work', document: policy(allow({ Sid: 'Send' }), allow({ Action: 's3:*' }), allow()) }];
  const verdict = evaluate(ask({ principal: session, identity, session: policy(allow()) }));
  expect(verdict.by).toEqual(['Work#Send', 'Work#2', 'session#0']);
});

test('a denial names the statements that denied', () => {
  const identity = [{ name: 'Work', document: policy(allow(), deny({ Sid: 'Never' })) }];
  expect(evaluate(ask({ identity })).by).toEqual(['Work#Never']);
});
