import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { accountTarget, defineRemediation, type Remediation } from '../../functions/contract/remediation.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { SAMPLE_CONTEXT, ownActions, resourcesOf, SERVICE_ACCOUNT, synthesizeTemplates } from './templates.ts';

/** A response to a threat, as one would be declared. */
const disableUser: Remediation = defineRemediation({
  id: 'guardduty/disable-user',
  title: 'Disable a user whose credentials somebody else has',
  handles: { product: 'aws/guardduty', types: ['TTPs/Initial Access/UnauthorizedAccess:IAMUser'] },
  risk: 'disruptive',
  target: accountTarget,
  params: z.strictObject({}),
  state: z.strictObject({}),
  reads: [{ actions: ['iam:GetUser'], resources: ['*'], because: 'a dummy' }],
  writes: [
    { actions: ['iam:AttachUserPolicy'], resources: ['arn:{partition}:iam::{account}:user/*'], because: 'a dummy' },
  ],
  clients: {},
}).by({ read: async () => ({}), want: () => ({}), write: async () => {}, summary: () => 'nothing' });

const all = [...REMEDIATIONS, disableUser];
const without = synthesizeTemplates(all);
const opted = synthesizeTemplates(all, { ...SAMPLE_CONTEXT, responseRole: true });

const member = opted.template('SutureMemberRole');
const rolesOf = (template: typeof member) =>
  resourcesOf(template, 'AWS::IAM::Role').map(({ Properties }) => Properties.RoleName);
const policiesNamed = (name: RegExp) =>
  resourcesOf(member, 'AWS::IAM::ManagedPolicy').filter(({ Properties }) => name.test(Properties.ManagedPolicyName));
const actionsOf = (policies: ReturnType<typeof policiesNamed>) =>
  policies.flatMap(({ Properties }) =>
    Properties.PolicyDocument.Statement.filter(({ Effect }: any) => Effect === 'Allow').flatMap(
      ({ Action }: any) => Action,
    ),
  );

describe('the role that responds to threats', () => {
  test('is there only where the organization opts into it', () => {
    expect(rolesOf(without.template('SutureMemberRole'))).toEqual(['suture-member']);
    expect(rolesOf(member)).toEqual(['suture-member', 'suture-member-response']);
  });

  test('is not there either as long as nothing responds to threats', () => {
    const nothing = synthesizeTemplates(REMEDIATIONS, { ...SAMPLE_CONTEXT, responseRole: true });
    expect(rolesOf(nothing.template('SutureMemberRole'))).toEqual(['suture-member']);
  });

  test('may do what responses declare, and the first role none of it', () => {
    expect(actionsOf(policiesNamed(/^suture-member-response-1$/))).toEqual(['iam:GetUser', 'iam:AttachUserPolicy']);
    expect(actionsOf(policiesNamed(/^suture-member-response-boundary$/))).toEqual([
      'iam:AttachUserPolicy',
      'iam:GetUser',
    ]);
    expect(actionsOf(policiesNamed(/^suture-member-(\d+|boundary)$/))).not.toContain('iam:AttachUserPolicy');
    expect(JSON.stringify(policiesNamed(/^suture-member-(\d+|boundary)$/))).not.toContain(disableUser.id);
  });

  test('trusts the roles of responses and nobody else, as the first role trusts none of them', () => {
    const principals = resourcesOf(member, 'AWS::IAM::Role').map(
      ({ Properties }) => Properties.AssumeRolePolicyDocument.Statement[0].Condition.ArnLike['aws:PrincipalArn'],
    );
    expect(principals).toEqual([
      `arn:aws:iam::${SERVICE_ACCOUNT}:role/suture/remediation/*`,
      `arn:aws:iam::${SERVICE_ACCOUNT}:role/suture/response/*`,
    ]);
  });

  test('has a boundary of its own', () => {
    member.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'suture-member-response',
      PermissionsBoundary: { Ref: 'ResponseBoundary' },
      ManagedPolicyArns: [{ Ref: 'ResponsePermissions1' }],
    });
  });
});

describe('a remediation that responds to threats', () => {
  const stack = opted.template('SutureRemediations-guardduty');

  test('assumes that role and never the first one', () => {
    expect(ownActions(stack, 'suture-guardduty-disable-user')).toMatchObject({
      'sts:AssumeRole sts:SetSourceIdentity sts:TagSession': 'arn:aws:iam::*:role/suture/suture-member-response',
    });
    stack.hasResourceProperties('AWS::IAM::Role', { Path: '/suture/response/' });
    stack.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ MEMBER_ROLE: 'suture/suture-member-response' }) },
    });
  });

  test('is not deployed where nobody has opted into it', () => {
    expect([...without.templates.keys()]).not.toContain('SutureRemediations-guardduty');
  });

  test('leaves the others as they are', () => {
    const ec2 = 'SutureRemediations-ec2';
    expect(resourcesOf(opted.template(ec2), 'AWS::IAM::Role')).toEqual(
      resourcesOf(without.template(ec2), 'AWS::IAM::Role'),
    );
  });
});
