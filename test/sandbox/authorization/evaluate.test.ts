/**
 * IAM's decision, rule by rule as AWS documents it:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { expect, it } from 'vitest';
import { type AccessQuestion, evaluatePolicies, type IamVerdict } from '../../../sandbox/authorization/evaluate.ts';
import type { IamPolicy, IamStatement } from '../../../sandbox/authorization/policy.ts';
import type { PrincipalFacts } from '../../../sandbox/authorization/principals.ts';

const OWN = '111111111111';
const OTHER = '222222222222';
const QUEUE = `arn:aws:sqs:us-east-1:${OWN}:jobs`;
const KEY = `arn:aws:kms:us-east-1:${OWN}:key/k`;
const TARGET = `arn:aws:iam::${OWN}:role/target`;

const USER: PrincipalFacts = { kind: 'user', arn: `arn:aws:iam::${OWN}:user/ana`, account: OWN, uniqueId: 'AIDAANA' };
const SESSION: PrincipalFacts = {
  kind: 'session',
  arn: `arn:aws:sts::${OWN}:assumed-role/worker/run`,
  account: OWN,
  role: `arn:aws:iam::${OWN}:role/worker`,
  uniqueId: 'AROAWORKER',
};
const STRANGER: PrincipalFacts = {
  ...USER,
  arn: `arn:aws:iam::${OTHER}:user/eve`,
  account: OTHER,
  uniqueId: 'AIDAEVE',
};
const ROOT: PrincipalFacts = { kind: 'root', arn: `arn:aws:iam::${OWN}:root`, account: OWN };
const EVENTS: PrincipalFacts = { kind: 'service', arn: 'events.amazonaws.com', account: OWN };

const policy = (...statements: IamStatement[]): IamPolicy => ({ Version: '2012-10-17', Statement: statements });
const allow = (more: Partial<IamStatement> = {}): IamStatement => ({
  Effect: 'Allow',
  Action: '*',
  Resource: '*',
  ...more,
});
const deny = (more: Partial<IamStatement> = {}): IamStatement => ({ ...allow(more), Effect: 'Deny' });
const named = (...statements: IamStatement[]) => [{ name: 'P', document: policy(...statements) }];
const allowAll = named(allow());
const trust = (principal: IamStatement['Principal'], effect: 'Allow' | 'Deny' = 'Allow', action = 'sts:AssumeRole') =>
  policy({ Effect: effect, Principal: principal, Action: action });
const grants = (principal: IamStatement['Principal'], more: Partial<IamStatement> = {}) =>
  policy(allow({ Principal: principal, ...more }));

const send = (resourcePolicy?: IamPolicy) => ({ action: 'sqs:SendMessage', resource: QUEUE, resourcePolicy });
const decrypt = (resourcePolicy: IamPolicy) => ({ action: 'kms:Decrypt', resource: KEY, resourcePolicy });
const assume = (resourcePolicy: IamPolicy, action = 'sts:AssumeRole') => ({
  action,
  resource: TARGET,
  resourcePolicy,
});

const ask = (more: Partial<AccessQuestion>): AccessQuestion => ({
  need: send(),
  principal: USER,
  owner: OWN,
  identity: [],
  scps: [],
  context: new Map(),
  ...more,
});

/** `yes`, or the kind of policy that denies, with `!` for an explicit deny. */
const answer = ({ because }: IamVerdict): string => (because ? `${because.kind}${because.explicit ? '!' : ''}` : 'yes');

const CASES: Record<string, [Partial<AccessQuestion>, string]> = {
  'by default everything is denied': [{}, 'identity'],
  'an allow in an identity policy is enough in the own account': [{ identity: allowAll }, 'yes'],
  'several identity policies add up': [
    { identity: [...named(allow({ Action: 's3:*' })), ...named(allow({ Action: 'sqs:*' }))] },
    'yes',
  ],
  'an explicit deny wins over an allow in the same policy': [{ identity: named(allow(), deny()) }, 'identity!'],
  'an explicit deny wins over an allow in another policy': [{ identity: [...allowAll, ...named(deny())] }, 'identity!'],
  'the order of statements does not matter': [{ identity: named(deny(), allow()) }, 'identity!'],
  'a deny of another action does not count': [{ identity: named(allow(), deny({ Action: 'sqs:DeleteQueue' })) }, 'yes'],

  'actions are case-insensitive': [{ identity: named(allow({ Action: 'SQS:sendmessage' })) }, 'yes'],
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

  'a resource by its ARN': [{ identity: named(allow({ Resource: QUEUE })) }, 'yes'],
  'another resource': [{ identity: named(allow({ Resource: `${QUEUE}2` })) }, 'identity'],
  'one of several resources': [{ identity: named(allow({ Resource: ['arn:aws:sqs:*:*:x', QUEUE] })) }, 'yes'],
  'a wildcard in a segment of the ARN': [{ identity: named(allow({ Resource: 'arn:aws:sqs:*:*:j?bs' })) }, 'yes'],
  'a wildcard does not reach over a colon': [
    { identity: named(allow({ Resource: `arn:aws:sqs:*:jobs` })) },
    'identity',
  ],
  'in the last segment a wildcard reaches over colons': [
    {
      need: { action: 'logs:PutLogEvents', resource: `arn:aws:logs:us-east-1:${OWN}:log-group:a:log-stream:b` },
      identity: named(allow({ Resource: `arn:aws:logs:us-east-1:${OWN}:log-group:*` })),
    },
    'yes',
  ],
  'resources are case-sensitive': [{ identity: named(allow({ Resource: QUEUE.replace('jobs', 'Jobs') })) }, 'identity'],
  'NotResource spares what it lists': [
    { identity: named(allow(), { Effect: 'Deny', Action: '*', NotResource: QUEUE }) },
    'yes',
  ],
  'NotResource denies everything else': [
    { identity: named(allow(), { Effect: 'Deny', Action: '*', NotResource: `${QUEUE}2` }) },
    'identity!',
  ],
  'an action without resources needs *': [
    {
      need: { action: 'ec2:DescribeInstances', resource: '*' },
      identity: named(allow({ Resource: `arn:aws:ec2:us-east-1:${OWN}:instance/*` })),
    },
    'identity',
  ],

  'a permissions boundary alone grants nothing': [{ boundary: allowAll[0] }, 'identity'],
  'identity policy and boundary both allow': [{ identity: allowAll, boundary: allowAll[0] }, 'yes'],
  'what the boundary leaves out is denied': [
    { identity: allowAll, boundary: named(allow({ Action: 's3:*' }))[0] },
    'boundary',
  ],
  'a deny in the boundary': [{ identity: allowAll, boundary: named(allow(), deny())[0] }, 'boundary!'],
  'a session policy alone grants nothing': [{ principal: SESSION, session: policy(allow()) }, 'identity'],
  'a session has what role and session policy both allow': [
    { principal: SESSION, identity: allowAll, session: policy(allow({ Action: 'sqs:*' })) },
    'yes',
  ],
  'what the session policy leaves out is denied': [
    { principal: SESSION, identity: allowAll, session: policy(allow({ Action: 's3:*' })) },
    'session',
  ],
  'a deny in the session policy': [
    { principal: SESSION, identity: allowAll, session: policy(allow(), deny()) },
    'session!',
  ],
  'boundary and session policy must both allow': [
    { principal: SESSION, identity: allowAll, boundary: allowAll[0], session: policy(allow({ Action: 's3:*' })) },
    'session',
  ],

  'an SCP alone grants nothing': [{ scps: [allowAll] }, 'identity'],
  'every level of the organization must allow': [
    { identity: allowAll, scps: [allowAll, named(allow({ Action: 's3:*' })), allowAll] },
    'scp',
  ],
  'a level without any policy allows nothing': [{ identity: allowAll, scps: [allowAll, []] }, 'scp'],
  'one allowing policy of a level is enough': [
    { identity: allowAll, scps: [[...named(allow({ Action: 's3:*' })), ...allowAll]] },
    'yes',
  ],
  'a deny in an SCP of any level': [{ identity: allowAll, scps: [named(allow(), deny()), allowAll] }, 'scp!'],
  'an SCP binds the root user of a member account': [
    { principal: ROOT, identity: allowAll, scps: [named(allow(), deny())] },
    'scp!',
  ],
  'an SCP limits what a resource policy grants to its own account': [
    { need: send(grants({ AWS: USER.arn })), scps: [named(allow({ Action: 's3:*' }))] },
    'scp',
  ],

  'a resource policy that names the user is enough in the same account': [
    { need: send(grants({ AWS: USER.arn })) },
    'yes',
  ],
  'a resource policy that names the account leaves it to identity policies': [
    { need: send(grants({ AWS: `arn:aws:iam::${OWN}:root` })) },
    'identity',
  ],
  'an account id is the same as its root ARN': [{ need: send(grants({ AWS: OWN })), identity: allowAll }, 'yes'],
  'a user named directly is not limited by the boundary': [
    { need: send(grants({ AWS: USER.arn })), boundary: named(allow({ Action: 's3:*' }))[0] },
    'yes',
  ],
  'a deny in the boundary limits even a user named directly': [
    { need: send(grants({ AWS: USER.arn })), boundary: named(allow(), deny())[0] },
    'boundary!',
  ],
  'a role named by its ARN needs no identity policy': [
    { principal: SESSION, need: send(grants({ AWS: SESSION.role! })) },
    'yes',
  ],
  'a role named by its ARN is limited by its boundary': [
    { principal: SESSION, need: send(grants({ AWS: SESSION.role! })), boundary: named(allow({ Action: 's3:*' }))[0] },
    'boundary',
  ],
  'a role named by its ARN is limited by the session policy': [
    { principal: SESSION, need: send(grants({ AWS: SESSION.role! })), session: policy(allow({ Action: 's3:*' })) },
    'session',
  ],
  'a session named by its ARN is not limited by boundary and session policy': [
    {
      principal: SESSION,
      need: send(grants({ AWS: SESSION.arn })),
      boundary: named(allow({ Action: 's3:*' }))[0],
      session: policy(allow({ Action: 's3:*' })),
    },
    'yes',
  ],
  'a role named by its unique id': [{ principal: SESSION, need: send(grants({ AWS: 'AROAWORKER' })) }, 'yes'],
  'another role': [{ principal: SESSION, need: send(grants({ AWS: `arn:aws:iam::${OWN}:role/other` })) }, 'identity'],
  'a deny in the resource policy wins over identity policies': [
    { need: send(policy(deny({ Principal: '*' }))), identity: allowAll },
    'resource!',
  ],
  'a deny that names the account applies to all its principals': [
    { need: send(policy(deny({ Principal: { AWS: OWN } }))), identity: allowAll },
    'resource!',
  ],
  'NotPrincipal with Deny spares who is listed': [
    {
      need: send(policy({ Effect: 'Deny', NotPrincipal: { AWS: USER.arn }, Action: '*', Resource: '*' })),
      identity: allowAll,
    },
    'yes',
  ],
  'NotPrincipal with Deny does not spare who has a permissions boundary': [
    {
      need: send(policy({ Effect: 'Deny', NotPrincipal: { AWS: USER.arn }, Action: '*', Resource: '*' })),
      identity: allowAll,
      boundary: allowAll[0],
    },
    'resource!',
  ],
  'NotPrincipal with Deny applies to everyone else': [
    {
      need: send(policy({ Effect: 'Deny', NotPrincipal: { AWS: OTHER }, Action: '*', Resource: '*' })),
      identity: allowAll,
    },
    'resource!',
  ],

  'across accounts an identity policy alone is not enough': [{ principal: STRANGER, identity: allowAll }, 'resource'],
  'across accounts a resource policy alone is not enough': [
    { principal: STRANGER, need: send(grants({ AWS: STRANGER.arn })) },
    'identity',
  ],
  'across accounts both sides allow': [
    { principal: STRANGER, identity: allowAll, need: send(grants({ AWS: OTHER })) },
    'yes',
  ],
  'across accounts the boundary limits too': [
    {
      principal: STRANGER,
      identity: allowAll,
      need: send(grants({ AWS: STRANGER.arn })),
      boundary: named(allow({ Action: 's3:*' }))[0],
    },
    'boundary',
  ],
  'a grant to another account does not reach this one': [
    { principal: STRANGER, identity: allowAll, need: send(grants({ AWS: '333333333333' })) },
    'resource',
  ],

  'a service needs the resource policy': [{ principal: EVENTS }, 'resource'],
  'a service named by the resource policy': [
    { principal: EVENTS, need: send(grants({ Service: 'events.amazonaws.com' })) },
    'yes',
  ],
  'another service': [{ principal: EVENTS, need: send(grants({ Service: 'sns.amazonaws.com' })) }, 'resource'],
  'an account named by the resource policy is not a service': [
    { principal: EVENTS, need: send(grants({ AWS: OWN })) },
    'resource',
  ],
  'a deny for everyone applies to services': [
    {
      principal: EVENTS,
      need: send(policy(allow({ Principal: { Service: 'events.amazonaws.com' } }), deny({ Principal: '*' }))),
    },
    'resource!',
  ],

  'identity policies count for a KMS key only when its policy allows the account': [
    { need: decrypt(grants({ Service: 'logs.us-east-1.amazonaws.com' })), identity: allowAll },
    'resource',
  ],
  'a key policy that allows the account leaves it to identity policies': [
    { need: decrypt(grants({ AWS: `arn:aws:iam::${OWN}:root` })), identity: allowAll },
    'yes',
  ],
  'a key policy that allows the account grants nobody by itself': [
    { need: decrypt(grants({ AWS: `arn:aws:iam::${OWN}:root` })) },
    'identity',
  ],
  'a key policy that names the user is enough': [{ need: decrypt(grants({ AWS: USER.arn })) }, 'yes'],
  'a key of another account needs both sides': [
    { principal: STRANGER, need: decrypt(grants({ AWS: OTHER })), identity: [] },
    'identity',
  ],

  'identity policies alone never assume a role of the same account': [
    { need: assume(trust({ Service: 'lambda.amazonaws.com' })), identity: allowAll },
    'trust',
  ],
  'a trust policy that names the principal is enough in the same account': [
    { need: assume(trust({ AWS: USER.arn })) },
    'yes',
  ],
  'a trust policy that names the account leaves it to identity policies': [
    { need: assume(trust({ AWS: OWN })) },
    'identity',
  ],
  'across accounts trust and identity policy must allow': [
    {
      principal: STRANGER,
      need: assume(trust({ AWS: OTHER })),
      identity: named(allow({ Action: 'sts:AssumeRole', Resource: TARGET })),
    },
    'yes',
  ],
  'across accounts a trust policy alone is not enough': [
    { principal: STRANGER, need: assume(trust({ AWS: STRANGER.arn })) },
    'identity',
  ],
  'TagSession is decided apart from AssumeRole': [
    { need: assume(trust({ AWS: USER.arn }), 'sts:TagSession') },
    'trust',
  ],
  'SetSourceIdentity is decided apart from AssumeRole': [
    { need: assume(trust({ AWS: USER.arn }), 'sts:SetSourceIdentity') },
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
    { principal: EVENTS, need: assume(trust({ Service: 'events.amazonaws.com' })) },
    'yes',
  ],
};

it.each(Object.entries(CASES))('%s', (_rule, [question, expected]) => {
  expect(answer(evaluatePolicies(ask(question)))).toBe(expected);
});

it('names the statements that allow', () => {
  const identity = [{ name: 'Work', document: policy(allow({ Sid: 'Send' }), allow({ Action: 's3:*' }), allow()) }];
  const verdict = evaluatePolicies(ask({ principal: SESSION, identity, session: policy(allow()) }));
  expect(verdict.by).toEqual(['Work#Send', 'Work#2', 'session#0']);
});

it('names the statements that deny', () => {
  const identity = [{ name: 'Work', document: policy(allow(), deny({ Sid: 'Never' })) }];
  expect(evaluatePolicies(ask({ identity })).by).toEqual(['Work#Never']);
});
