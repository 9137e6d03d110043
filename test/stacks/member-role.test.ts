import { describe, expect, test } from 'vitest';
import { MANAGED_POLICY_LIMIT, memberRolePolicies } from '../../functions/domain/permissions.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { createSandbox } from '../../sandbox/index.ts';
import { memberRoleBoundary } from '../../stacks/constructs/member-role-boundary.ts';
import { memberRoleTrust } from '../../stacks/constructs/member-role-trust.ts';
import { dummyRemediations } from './dummies.ts';
import { SAMPLE_CONTEXT, resourcesOf, SERVICE_ACCOUNT, synthesizeTemplates } from './templates.ts';

const template = synthesizeTemplates(REMEDIATIONS).template('SutureMemberRole');
const [role] = resourcesOf(template, 'AWS::IAM::Role');

describe('the member role', () => {
  test('has the name that remediations assume, one hour and its boundary', () => {
    expect(role!.Properties).toMatchObject({
      RoleName: 'suture-member',
      Path: '/suture/',
      MaxSessionDuration: 3600,
      PermissionsBoundary: { Ref: 'Boundary' },
      ManagedPolicyArns: [{ Ref: 'Permissions1' }],
    });
  });

  test('deploys anywhere: no parameters, no rules, no assets', () => {
    expect(Object.keys(template.toJSON()).sort()).toEqual(['Description', 'Resources']);
  });

  test("allows each remediation's actions to sessions with its tag only", () => {
    const [policy] = resourcesOf(template, 'AWS::IAM::ManagedPolicy').filter(
      ({ Properties }) => Properties.ManagedPolicyName === 'suture-member-1',
    );
    const statements = policy!.Properties.PolicyDocument.Statement;
    const tags = statements.map(({ Condition }: any) => Condition.StringEquals['aws:PrincipalTag/suture:remediation']);
    expect(new Set(tags)).toEqual(new Set(REMEDIATIONS.map(({ id }) => id)));
    expect(JSON.stringify(statements)).toContain('{"Ref":"AWS::AccountId"}');
  });
});

describe('its trust policy', () => {
  const { Statement } = memberRoleTrust(SAMPLE_CONTEXT) as any;
  const [assume, identity, tags, outside] = Statement;

  test('lets in the execution roles of the service account, by path, organization, external id and marks', () => {
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
      },
    });
    expect(assume.Condition.StringLike['sts:SourceIdentity']).toMatch(/^suture-\?{32}$/);
  });

  test('lets them name the execution and tag the session, with these keys only', () => {
    expect(identity).toMatchObject({
      Action: 'sts:SetSourceIdentity',
      Condition: { ArnLike: assume.Condition.ArnLike },
    });
    expect(tags).toMatchObject({
      Action: 'sts:TagSession',
      Condition: {
        ArnLike: assume.Condition.ArnLike,
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['suture:remediation', 'suture:finding', 'suture:execution'] },
      },
    });
  });

  test('denies everybody outside the organization', () => {
    expect(outside).toMatchObject({
      Effect: 'Deny',
      Principal: '*',
      Condition: { StringNotEquals: { 'aws:PrincipalOrgID': SAMPLE_CONTEXT.organizationId } },
    });
  });

  test('fits the 2,048 characters of a trust policy', () => {
    expect(JSON.stringify(memberRoleTrust(SAMPLE_CONTEXT)).length).toBeLessThanOrEqual(2048);
  });
});

describe('its boundary', () => {
  const allowed = (boundary: ReturnType<typeof memberRoleBoundary>) =>
    boundary.Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => [Action].flat());

  test('allows what the registry declares and nothing else', () => {
    const declared = REMEDIATIONS.flatMap(({ reads, writes }) =>
      [...reads, ...writes].flatMap(({ actions }) => actions),
    );
    expect(new Set(allowed(memberRoleBoundary(REMEDIATIONS)))).toEqual(new Set(declared));
  });

  test("denies IAM's writes on Suture's roles and on those through which the organization is run", () => {
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

  test("of 120 remediations fits, opens whole services but never IAM, whose actions keep their remediation's tag", () => {
    const many = dummyRemediations(120);
    const boundary = memberRoleBoundary(many);
    expect(JSON.stringify(boundary).length).toBeLessThanOrEqual(MANAGED_POLICY_LIMIT);
    expect(allowed(boundary)).toContain('ec2:*');
    expect(allowed(boundary)).not.toContain('iam:*');
    const ofIam = boundary.Statement.filter(
      ({ Effect, Action }) => Effect === 'Allow' && [Action].flat()[0]!.startsWith('iam:'),
    );
    expect(ofIam).toHaveLength(many.filter(({ id }) => id.startsWith('iam/')).length);
    for (const { Condition } of ofIam)
      expect(Condition!.StringEquals!['aws:PrincipalTag/suture:remediation']).toMatch(/^iam\//);
  });

  test('of 120 remediations leaves room for the ten policies that a role takes', () => {
    expect(memberRolePolicies(dummyRemediations(120)).length).toBeLessThanOrEqual(10);
  });
});

describe('of 120 remediations, some of which respond to threats, IAM takes it', () => {
  const many = dummyRemediations(120);
  const threats = many.slice(0, 30).map((each) => ({
    ...each,
    handles: { controls: [], threats: { product: 'aws/guardduty', types: ['TTPs'] } },
  }));
  const { template } = synthesizeTemplates([...threats, ...many.slice(30)], { ...SAMPLE_CONTEXT, responseRole: true });
  const { Resources } = template('SutureMemberRole').toJSON();

  test('within the quotas that an account begins with', async () => {
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
        value?.['Fn::Join'] ? value['Fn::Join'][1].map((part: any) => part.Ref ?? part).join('') : value,
      )
        .replaceAll('AWS::Partition', 'aws')
        .replaceAll('AWS::AccountId', account);
    const arns: Record<string, string> = {};
    const ofType = (type: string) => Object.entries<any>(Resources).filter(([, { Type }]) => Type === type);
    for (const [id, { Properties }] of ofType('AWS::IAM::ManagedPolicy')) {
      const { ManagedPolicyName: PolicyName, PolicyDocument, Path } = Properties;
      arns[id] = (await iam('CreatePolicy', { PolicyName, Path, PolicyDocument: text(PolicyDocument) })).Policy.Arn;
    }
    for (const [, { Properties }] of ofType('AWS::IAM::Role')) {
      const { RoleName, Path, AssumeRolePolicyDocument, PermissionsBoundary, ManagedPolicyArns } = Properties;
      const made = { RoleName, Path, AssumeRolePolicyDocument: text(AssumeRolePolicyDocument) };
      await iam('CreateRole', { ...made, PermissionsBoundary: arns[PermissionsBoundary.Ref] });
      for (const { Ref } of ManagedPolicyArns) await iam('AttachRolePolicy', { RoleName, PolicyArn: arns[Ref] });
    }
    expect(ofType('AWS::IAM::Role')).toHaveLength(2);
    expect(Object.keys(arns).length).toBeGreaterThan(6);
    await sandbox.close();
  });
});
