import { describe, expect, it } from 'vitest';
import { memberRoleBoundary } from '../../functions/domain/member-role-boundary.ts';
import { memberRolePolicies } from '../../functions/domain/permissions.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { dummyRemediations } from '../../lab/bench/dummies.ts';
import { createSandbox } from '../../sandbox/index.ts';
import { memberRoleTrust } from '../../stacks/constructs/member-role-trust.ts';
import { resourcesOf, SAMPLE_CONTEXT, SERVICE_ACCOUNT, synthesizeTemplates } from './templates.ts';

/** In every session of a role: its version, and the questions of plans. */
const OF_ALL_SESSIONS = new Set([
  'iam:ListRoleTags',
  'cloudformation:DescribeStackResources',
  'cloudtrail:LookupEvents',
]);
const TEMPLATE = synthesizeTemplates(REMEDIATIONS).template('SutureMemberRole');
const [ROLE] = resourcesOf(TEMPLATE, 'AWS::IAM::Role');

describe('the member role', () => {
  it('has the name that remediations assume, sessions of one hour, and its boundary', () => {
    expect(ROLE!.Properties).toMatchObject({
      RoleName: 'suture-member',
      Path: '/suture/',
      MaxSessionDuration: 3600,
      PermissionsBoundary: { Ref: 'Boundary' },
      ManagedPolicyArns: memberRolePolicies(REMEDIATIONS).map((_, index) => ({ Ref: `Permissions${index + 1}` })),
    });
  });

  it('has no parameters, rules or assets, so that it deploys anywhere', () => {
    expect(Object.keys(TEMPLATE.toJSON()).sort()).toEqual(['Description', 'Resources']);
  });

  it("allows each remediation's actions only to sessions with its tag", () => {
    const statements = resourcesOf(TEMPLATE, 'AWS::IAM::ManagedPolicy')
      .filter(({ Properties }) => /^suture-member-\d+$/.test(Properties.ManagedPolicyName))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => !OF_ALL_SESSIONS.has(Action));
    const ofTag = (tag: string) =>
      statements.flatMap(({ Condition }: any) => Condition.StringEquals[`aws:PrincipalTag/suture:${tag}`] ?? []);
    expect(new Set(ofTag('remediation'))).toEqual(new Set(REMEDIATIONS.map(({ id }) => id)));
    expect(new Set(ofTag('rollback'))).toEqual(
      new Set(REMEDIATIONS.filter(({ undoes }) => undoes).map(({ id }) => id)),
    );
    for (const { Condition } of statements)
      expect(Object.keys(Condition.StringEquals).join()).toMatch(
        /^aws:PrincipalTag\/suture:(remediation|rollback)(,iam:\w+)*$/,
      );
    const passing = statements.filter(({ Action }: any) => [Action].flat().includes('iam:PassRole'));
    expect(passing.length).toBeGreaterThan(0);
    for (const { Action, Condition } of passing as any[])
      expect([Action, Condition.StringEquals['iam:PassedToService']]).toEqual([
        'iam:PassRole',
        expect.stringMatching(/^[a-z-]+\.amazonaws\.com$/),
      ]);
    expect(JSON.stringify(statements)).toContain('{"Fn::Sub":"arn:');
    const literal = JSON.stringify(statements).replace(/\{"Fn::Sub":"[^"]*"\}/g, '');
    expect(literal).not.toContain('${AWS::');
  });
});

describe('the trust policy of the member role', () => {
  const { Statement } = memberRoleTrust(SAMPLE_CONTEXT) as any;
  const [assume, rollBack, marks, outside] = Statement;

  it('trusts the execution roles of the service account, by path, organization, external id, tag and source identity', () => {
    expect(assume).toMatchObject({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${SERVICE_ACCOUNT}:root` },
      Action: 'sts:AssumeRole',
      Condition: {
        ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${SERVICE_ACCOUNT}:role/suture/remediation/*` },
        StringEquals: {
          'aws:PrincipalOrgID': SAMPLE_CONTEXT.organizationId,
          'sts:ExternalId': 'an-external-id',
          'aws:RequestTag/suture:remediation': '${aws:PrincipalTag/suture:remediation}',
        },
        // A request without a Region is not refused: AWS does not document the key for STS.
        StringEqualsIfExists: { 'aws:RequestedRegion': 'eu-west-1' },
        Null: { 'aws:RequestTag/suture:rollback': 'true' },
      },
    });
    expect(assume.Condition.StringLike['sts:SourceIdentity']).toMatch(/^suture-\?{32}$/);
  });

  it('allows the rollback tag only to the path of the roles that roll back', () => {
    const { Null: _, ...condition } = assume.Condition;
    expect(rollBack).toEqual({
      ...assume,
      Sid: 'RollBack',
      Condition: {
        ...condition,
        ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${SERVICE_ACCOUNT}:role/suture/rollback/*` },
        StringEquals: {
          ...condition.StringEquals,
          'aws:RequestTag/suture:rollback': '${aws:PrincipalTag/suture:remediation}',
        },
      },
    });
  });

  it('allows them to set the source identity and to tag the session with four keys', () => {
    const keys = ['suture:remediation', 'suture:finding', 'suture:execution', 'suture:rollback'];
    expect(marks).toMatchObject({
      Action: ['sts:SetSourceIdentity', 'sts:TagSession'],
      Condition: {
        ArnLike: {
          'aws:PrincipalArn': [assume, rollBack].map(({ Condition }) => Condition.ArnLike['aws:PrincipalArn']),
        },
        'ForAllValues:StringEquals': { 'aws:TagKeys': keys },
      },
    });
  });

  it('denies principals outside the organization', () => {
    expect(outside).toMatchObject({
      Effect: 'Deny',
      Principal: '*',
      Condition: { StringNotEquals: { 'aws:PrincipalOrgID': SAMPLE_CONTEXT.organizationId } },
    });
  });

  it('fits the 2,048 characters of a trust policy', () => {
    expect(JSON.stringify(memberRoleTrust(SAMPLE_CONTEXT)).length).toBeLessThanOrEqual(2048);
  });
});

describe('the boundary of the member role', () => {
  const allowed = (boundary: ReturnType<typeof memberRoleBoundary>) =>
    boundary.Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => [Action].flat());

  it('allows only the actions that the registry declares, and Describe and List actions of the same services', () => {
    const declared = REMEDIATIONS.flatMap(({ reads, writes, undoes = [] }) =>
      [...reads, ...writes, ...undoes].flatMap(({ actions }) => actions),
    );
    const shortened = declared.map((action) => action.replace(/:(Describe|List)\w+$/, ':$1*'));
    expect(new Set(allowed(memberRoleBoundary(REMEDIATIONS)))).toEqual(
      // A plan may ask who undid a fix.
      new Set([...shortened, 'cloudtrail:LookupEvents']),
    );
  });

  it('names each action if there is room', () => {
    const few = REMEDIATIONS.filter(({ id }) => id.startsWith('ec2/'));
    expect(allowed(memberRoleBoundary(few))).toContain('ec2:DescribeSecurityGroups');
    expect(allowed(memberRoleBoundary(few)).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('allows writes of IAM only in sessions of the remediations that declare them', () => {
    const ofIam = memberRoleBoundary(REMEDIATIONS).Statement.filter(
      ({ Effect, Action }) => Effect === 'Allow' && [Action].flat().some((each) => /^iam:(?!Get|List)/.test(each)),
    );
    expect(ofIam.length).toBeGreaterThan(4);
    for (const { Condition } of ofIam)
      expect(Object.keys(Condition!.StringEquals!).join()).toMatch(/^aws:PrincipalTag\/suture:(remediation|rollback)$/);
  });

  it("denies IAM writes on Suture's roles and on the roles that administer the organization", () => {
    const [deny] = memberRoleBoundary(REMEDIATIONS).Statement.filter(({ Effect }) => Effect === 'Deny');
    expect(deny!.Action).toEqual(
      expect.arrayContaining(['iam:Put*', 'iam:Attach*', 'iam:Update*', 'iam:Pass*', 'iam:Delete*']),
    );
    const untouched = [deny!.Resource].flat().map((resource) => resource.split(':').at(-1));
    expect(untouched).toEqual([
      'role/suture/*',
      'policy/suture/*',
      'role/aws-reserved/*',
      'role/stacksets-exec-*',
      'role/AWSCloudFormationStackSet*',
      'role/AWSControlTowerExecution',
      'role/OrganizationAccountAccessRole',
    ]);
  });

  it('opens no service whole, however many remediations a role has', () => {
    const wildcards = allowed(memberRoleBoundary(dummyRemediations(120))).filter((action) => action.includes('*'));
    expect(wildcards.length).toBeGreaterThan(10);
    expect(wildcards.filter((action) => !/:(Describe|List)\*$/.test(action))).toEqual([]);
  });
});

describe('the template of 120 remediations, some of which respond to threats', () => {
  const many = dummyRemediations(120);
  const threats = many.slice(0, 30).map((each) => ({
    ...each,
    handles: { controls: [], threats: { product: 'aws/guardduty', types: ['TTPs'] } },
  }));
  const { template } = synthesizeTemplates([...threats, ...many.slice(30)], { ...SAMPLE_CONTEXT, responseRole: true });
  const { Resources } = template('SutureMemberRole').toJSON();

  it('is accepted by IAM within the default quotas of an account', async () => {
    const account = '333333333333';
    const place = { partition: 'aws', account, region: 'us-east-1' };
    const sandbox = await createSandbox({
      organization: {
        id: 'o-example00001',
        managementAccount: '999999999999',
        accounts: ['999999999999', SERVICE_ACCOUNT, account].map((id) => ({ id, name: id })),
      },
      homeRegion: 'us-east-1',
    });
    const administrator = sandbox.kernel.administrator!(account);
    const iam = (operation: string, input: object) =>
      sandbox.kernel.call<object, any>(administrator, place, 'iam', operation, input);
    const text = (document: unknown) =>
      JSON.stringify(document, (_, value) =>
        typeof value?.['Fn::Sub'] === 'string'
          ? value['Fn::Sub']
              .replaceAll('${AWS::Partition}', 'aws')
              .replaceAll('${AWS::AccountId}', account)
              .replaceAll('${!', '${')
          : value,
      );
    const arns: Record<string, string> = {};
    const ofType = (type: string) => Object.entries<any>(Resources).filter(([, { Type }]) => Type === type);
    for (const [id, { Properties }] of ofType('AWS::IAM::ManagedPolicy')) {
      const { ManagedPolicyName: PolicyName, PolicyDocument, Path } = Properties;
      arns[id] = (await iam('CreatePolicy', { PolicyName, Path, PolicyDocument: text(PolicyDocument) })).Policy.Arn;
    }
    for (const [, { Properties }] of ofType('AWS::IAM::Role')) {
      const { RoleName, Path, AssumeRolePolicyDocument, PermissionsBoundary, ManagedPolicyArns } = Properties;
      const input = { RoleName, Path, AssumeRolePolicyDocument: text(AssumeRolePolicyDocument) };
      await iam('CreateRole', { ...input, PermissionsBoundary: arns[PermissionsBoundary.Ref] });
      for (const { Ref } of ManagedPolicyArns) await iam('AttachRolePolicy', { RoleName, PolicyArn: arns[Ref] });
    }
    expect(ofType('AWS::IAM::Role').map(([, { Properties }]) => Properties.RoleName)).toEqual([
      'suture-member',
      'suture-member-b',
      'suture-member-response',
      'suture-member-doctor',
    ]);
    expect(Object.keys(arns).length).toBeGreaterThan(6);
    await sandbox.close();
  });
});
