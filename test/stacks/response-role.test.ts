import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import {
  DISABLE_USER,
  ownActions,
  resourcesOf,
  SAMPLE_CONTEXT,
  SERVICE_ACCOUNT,
  synthesizeTemplates,
} from './templates.ts';

const ALL = [...REMEDIATIONS, DISABLE_USER];
const WITHOUT = synthesizeTemplates(ALL);
const OPTED_IN = synthesizeTemplates(ALL, { ...SAMPLE_CONTEXT, responseRole: true });

const MEMBER_ROLE_TEMPLATE = OPTED_IN.template('SutureMemberRole');
const rolesOf = (template: typeof MEMBER_ROLE_TEMPLATE) =>
  resourcesOf(template, 'AWS::IAM::Role').map(({ Properties }) => Properties.RoleName);
const policiesNamed = (name: RegExp) =>
  resourcesOf(MEMBER_ROLE_TEMPLATE, 'AWS::IAM::ManagedPolicy').filter(({ Properties }) =>
    name.test(Properties.ManagedPolicyName),
  );
const actionsOf = (policies: ReturnType<typeof policiesNamed>) =>
  policies.flatMap(({ Properties }) =>
    Properties.PolicyDocument.Statement.filter(({ Effect }: any) => Effect === 'Allow').flatMap(
      ({ Action }: any) => Action,
    ),
  );

describe('the role that responds to threats', () => {
  it('exists only if the organization opts in', () => {
    expect(rolesOf(WITHOUT.template('SutureMemberRole'))).toEqual(['suture-member', 'suture-member-doctor']);
    expect(rolesOf(MEMBER_ROLE_TEMPLATE)).toEqual(['suture-member', 'suture-member-response', 'suture-member-doctor']);
  });

  it('does not exist without a response to threats', () => {
    const noResponses = synthesizeTemplates(REMEDIATIONS, { ...SAMPLE_CONTEXT, responseRole: true });
    expect(rolesOf(noResponses.template('SutureMemberRole'))).toEqual(['suture-member', 'suture-member-doctor']);
  });

  it('may do what responses declare, and the member role may not', () => {
    // Each role may read its own version, and ask for the stack of a resource.
    const actions = [
      ...['iam:GetUser', 'iam:PutUserPolicy', 'iam:ListRoleTags', 'cloudformation:DescribeStackResources'],
    ];
    expect(new Set(actionsOf(policiesNamed(/^suture-member-response-1$/)))).toEqual(new Set(actions));
    expect(new Set(actionsOf(policiesNamed(/^suture-member-response-boundary$/)))).toEqual(new Set(actions));
    expect(actionsOf(policiesNamed(/^suture-member-(\d+|boundary)$/))).not.toContain('iam:PutUserPolicy');
    expect(JSON.stringify(policiesNamed(/^suture-member-(\d+|boundary)$/))).not.toContain(DISABLE_USER.id);
  });

  it('trusts only the roles of responses, and the member role trusts none of them', () => {
    const principals = resourcesOf(MEMBER_ROLE_TEMPLATE, 'AWS::IAM::Role')
      .filter(({ Properties }) => Properties.RoleName !== 'suture-member-doctor')
      .map(({ Properties }) => Properties.AssumeRolePolicyDocument.Statement[0].Condition.ArnLike['aws:PrincipalArn']);
    expect(principals).toEqual([
      `arn:aws:iam::${SERVICE_ACCOUNT}:role/suture/remediation/*`,
      `arn:aws:iam::${SERVICE_ACCOUNT}:role/suture/response/*`,
    ]);
  });

  it('has its own boundary', () => {
    MEMBER_ROLE_TEMPLATE.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'suture-member-response',
      PermissionsBoundary: { Ref: 'ResponseBoundary' },
      ManagedPolicyArns: [{ Ref: 'ResponsePermissions1' }],
    });
  });
});

describe('a remediation that responds to threats', () => {
  const stack = OPTED_IN.template('SutureRemediations-guardduty');

  it('assumes that role and not the member role', () => {
    expect(ownActions(stack, 'suture-guardduty-disable-user')).toMatchObject({
      'sts:AssumeRole': 'arn:aws:iam::*:role/suture/suture-member-response',
      'sts:SetSourceIdentity sts:TagSession': 'arn:aws:iam::*:role/suture/suture-member-response',
    });
    stack.hasResourceProperties('AWS::IAM::Role', { Path: '/suture/response/' });
    stack.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ MEMBER_ROLE: 'suture/suture-member-response' }) },
    });
  });

  it('is not deployed without the opt-in', () => {
    expect([...WITHOUT.templates.keys()]).not.toContain('SutureRemediations-guardduty');
  });

  it('does not change other remediations', () => {
    const ec2 = 'SutureRemediations-ec2';
    expect(resourcesOf(OPTED_IN.template(ec2), 'AWS::IAM::Role')).toEqual(
      resourcesOf(WITHOUT.template(ec2), 'AWS::IAM::Role'),
    );
  });
});
