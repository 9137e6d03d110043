import { describe, expect, test } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { dummyRemediations } from './dummies.ts';
import { SAMPLE_CONTEXT, ownActions, resourcesOf, SECURITY_ACCOUNT, SERVICE_ACCOUNT, synthesizeTemplates } from './templates.ts';

const { template: named } = synthesizeTemplates(REMEDIATIONS);
const template = named('SutureRemediations-ec2');
const of = (type: string) => resourcesOf(template, type);

describe('a remediation', () => {
  test('has its own role: the member role, its own entries of the journal, and nothing else', () => {
    expect(ownActions(template, 'suture-ec2-close-admin-ports')).toEqual({
      'sts:AssumeRole sts:SetSourceIdentity sts:TagSession': 'arn:aws:iam::*:role/suture/suture-member',
      'dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:Query': ['ec2/close-admin-ports#*'],
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'suture-ec2-close-admin-ports',
      Path: '/suture/remediation/',
      Tags: [{ Key: 'suture:remediation', Value: 'ec2/close-admin-ports' }],
    });
  });

  test('assumes roles of the organization only', () => {
    for (const { Properties } of of('AWS::IAM::Role'))
      expect(Properties.Policies[0].PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Action: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
          Condition: { StringEquals: { 'aws:ResourceOrgID': SAMPLE_CONTEXT.organizationId } },
        }),
      );
  });

  test('runs on Node 24, in an encrypted environment that names journal, role and external id', () => {
    for (const { Properties } of of('AWS::Lambda::Function')) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        MemorySize: 512,
        Timeout: 300,
        TracingConfig: { Mode: 'Active' },
        KmsKeyArn: { 'Fn::ImportValue': expect.stringContaining('SutureService') },
      });
      expect(Properties.Environment.Variables).toEqual({
        JOURNAL_TABLE: 'suture-journal',
        MEMBER_ROLE: 'suture/suture-member',
        EXTERNAL_ID: 'an-external-id',
      });
    }
  });

  test("may be invoked by the proxy's role alone, on the alias alone", () => {
    const permissions = of('AWS::Lambda::Permission');
    const aliases = Object.keys(template.findResources('AWS::Lambda::Alias'));
    expect(permissions.map(({ Properties }) => Properties)).toEqual(
      aliases.map((alias) => ({
        Action: 'lambda:InvokeFunction',
        FunctionName: { Ref: alias },
        Principal: `arn:aws:iam::${SECURITY_ACCOUNT}:role/suture/suture-proxy`,
      })),
    );
    expect(aliases).toHaveLength(REMEDIATIONS.filter(({ id }) => id.startsWith('ec2/')).length);
    for (const { Properties } of of('AWS::Lambda::Alias')) expect(Properties.Name).toBe('live');
  });

  test('the role that may invoke it is the one that the proxy has', () => {
    named('SutureSecurity').hasResourceProperties('AWS::IAM::Role', { RoleName: 'suture-proxy', Path: '/suture/' });
  });

  test('rings on errors, and logs into its own encrypted group for 90 days', () => {
    expect(of('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties.AlarmName)).toContain(
      'suture-remediation-ec2-close-admin-ports-errors',
    );
    for (const { Properties } of of('AWS::CloudWatch::Alarm'))
      expect(Properties.AlarmActions).toEqual([`arn:aws:sns:eu-west-1:${SERVICE_ACCOUNT}:suture-alarms`]);
    for (const { Properties } of of('AWS::Logs::LogGroup')) {
      expect(Properties.RetentionInDays).toBe(90);
      expect(Properties.KmsKeyId).toBeDefined();
    }
  });
});

test('the journal is encrypted, can be restored, and is not deleted with its stack', () => {
  named('SutureService').hasResource('AWS::DynamoDB::Table', {
    Properties: {
      TableName: 'suture-journal',
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
    },
    DeletionPolicy: 'RetainExceptOnCreate',
  });
});

describe('with 120 remediations', () => {
  const { templates } = synthesizeTemplates(dummyRemediations(120));
  const counts = [...templates].map(
    ([name, { toJSON }]) => [name, Object.keys(toJSON.call(templates.get(name)).Resources).length] as const,
  );

  test('there is a stack a family, and none comes near 500 resources', () => {
    expect(counts.length).toBeGreaterThan(10);
    expect(counts.filter(([, count]) => count > 250)).toEqual([]);
    const functions = counts
      .filter(([name]) => name.startsWith('SutureRemediations-'))
      .reduce((sum, [, count]) => sum + count, 0);
    expect(functions).toBeGreaterThanOrEqual(120 * 7);
  });
});
