import { describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { dummyRemediations } from '../../lab/bench/dummies.ts';
import {
  ownActions,
  resourcesOf,
  SAMPLE_CONTEXT,
  SECURITY_ACCOUNT,
  SERVICE_ACCOUNT,
  synthesizeTemplates,
} from './templates.ts';

const { template: templateOf, templates } = synthesizeTemplates(REMEDIATIONS);
/** The templates of the stacks of remediations, one for each service. */
const templatesOfServices = () =>
  [...templates].filter(([name]) => name.startsWith('SutureRemediations-')).map(([, template]) => template);
const PROXY_ROLE_ARN = `arn:aws:iam::${SECURITY_ACCOUNT}:role/suture/suture-proxy`;
const TEMPLATE = templateOf('SutureRemediations-ec2');
const COPIES = `arn:aws:s3:::suture-copies-${SERVICE_ACCOUNT}-eu-west-1`;
const of = (type: string) => resourcesOf(TEMPLATE, type);

describe('a remediation', () => {
  it('has its own role, which may assume the member role and write its own journal entries', () => {
    expect(ownActions(TEMPLATE, 'suture-ec2-close-admin-ports')).toEqual({
      'sts:AssumeRole': 'arn:aws:iam::*:role/suture/suture-member',
      'sts:SetSourceIdentity sts:TagSession': 'arn:aws:iam::*:role/suture/suture-member',
      'dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:Query': ['ec2/close-admin-ports#*'],
      's3:PutObject': `${COPIES}/ec2/close-admin-ports/*`,
      's3:GetObjectVersion': `${COPIES}/ec2/close-admin-ports/*`,
      's3:ListBucketVersions': COPIES,
    });
    const { 's3:PutObject': keeps, ...reads } = ownActions(TEMPLATE, 'suture-rollback-ec2-encrypt-ebs-by-default');
    expect(keeps).toBeUndefined();
    expect(reads).toHaveProperty(['s3:GetObjectVersion'], `${COPIES}/ec2/encrypt-ebs-by-default/*`);
    TEMPLATE.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'suture-ec2-close-admin-ports',
      Path: '/suture/remediation/',
      Tags: [{ Key: 'suture:remediation', Value: 'ec2/close-admin-ports' }],
    });
  });

  it('has a second role for rollbacks, below a path of its own, only if it declares undoes', () => {
    const roles = of('AWS::IAM::Role').map(({ Properties }) => [Properties.RoleName, Properties.Path]);
    expect(roles.filter(([, path]) => path === '/suture/rollback/')).toEqual([
      ['suture-rollback-ec2-block-snapshot-sharing', '/suture/rollback/'],
      ['suture-rollback-ec2-empty-default-security-group', '/suture/rollback/'],
      ['suture-rollback-ec2-encrypt-ebs-by-default', '/suture/rollback/'],
      ['suture-rollback-ec2-log-vpc-traffic', '/suture/rollback/'],
    ]);
    TEMPLATE.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'suture-rollback-ec2-encrypt-ebs-by-default',
      Tags: [{ Key: 'suture:remediation', Value: 'ec2/encrypt-ebs-by-default' }],
    });
    const modes = of('AWS::Lambda::Function').map(({ Properties }) => [
      Properties.FunctionName,
      Properties.Environment.Variables.MODES,
    ]);
    expect(modes).toContainEqual(['suture-remediation-ec2-close-admin-ports', 'plan apply rollback']);
    expect(modes).toContainEqual(['suture-remediation-ec2-encrypt-ebs-by-default', 'plan apply']);
    expect(modes).toContainEqual(['suture-rollback-ec2-encrypt-ebs-by-default', 'rollback']);
  });

  it('may assume only roles of the organization', () => {
    for (const { Properties } of of('AWS::IAM::Role'))
      expect(Properties.Policies[0].PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:ResourceOrgID': SAMPLE_CONTEXT.organizationId } },
        }),
      );
  });

  it('runs on Node 24, in an encrypted environment that names journal, role, external id and keys', () => {
    const KEY_ALIASES = `arn:aws:kms:eu-west-1:${SERVICE_ACCOUNT}:alias/suture-signatures`;
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
        SUTURE_PREFIX: 'suture',
        JOURNAL_TABLE: 'suture-journal',
        COPIES_BUCKET: `suture-copies-${SERVICE_ACCOUNT}-eu-west-1`,
        MEMBER_ROLE: 'suture/suture-member',
        EXTERNAL_ID: 'an-external-id',
        MODES: expect.any(String),
        TRIAGE_KEY: `${KEY_ALIASES}-of-triage`,
        APPROVALS_KEY: `${KEY_ALIASES}-of-approvals`,
      });
    }
  });

  it('has no resource policy on its function', () => {
    const aliases = of('AWS::Lambda::Alias');
    const ofEc2 = REMEDIATIONS.filter(({ id }) => id.startsWith('ec2/'));
    expect(aliases).toHaveLength(ofEc2.length + ofEc2.filter(({ undoes }) => undoes).length);
    for (const { Properties } of aliases) expect(Properties.Name).toBe('live');
    expect(of('AWS::Lambda::Permission')).toEqual([]);
  });

  it("is invoked by the invoker role, on the alias alone, which trusts the proxy's role by its ARN", () => {
    const service = templateOf('SutureService');
    expect(ownActions(service, 'suture-invoker')).toEqual({
      'lambda:InvokeFunction': ['remediation', 'rollback'].map(
        (kind) => `arn:aws:lambda:eu-west-1:${SERVICE_ACCOUNT}:function:suture-${kind}-*:live`,
      ),
    });
    const [invoker] = resourcesOf(service, 'AWS::IAM::Role').filter(
      ({ Properties }) => Properties.RoleName === 'suture-invoker',
    );
    expect(invoker!.Properties.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: expect.objectContaining({ 'Fn::Join': expect.anything() }) },
        Condition: {
          ArnEquals: { 'aws:PrincipalArn': PROXY_ROLE_ARN },
          StringEquals: { 'aws:PrincipalOrgID': SAMPLE_CONTEXT.organizationId },
        },
      },
    ]);
    templateOf('SutureSecurity').hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'suture-proxy',
      Path: '/suture/',
    });
  });

  it('has no alarm, because only the proxy invokes its functions, whose alarms ring for each of their failures', () => {
    const all = templatesOfServices();
    expect(all.flatMap((template) => resourcesOf(template, 'AWS::CloudWatch::Alarm'))).toEqual([]);
    expect(all.length).toBeGreaterThan(5);
    for (const template of all) {
      expect(resourcesOf(template, 'AWS::Lambda::Permission')).toEqual([]);
      const { length: functions } = resourcesOf(template, 'AWS::Lambda::Function');
      expect(resourcesOf(template, 'AWS::Lambda::Alias')).toHaveLength(functions);
      expect(resourcesOf(template, 'AWS::Lambda::EventInvokeConfig')).toEqual([]);
    }
  });

  it('has an encrypted log group of 90 days', () => {
    for (const { Properties } of of('AWS::Logs::LogGroup')) {
      expect(Properties.RetentionInDays).toBe(90);
      expect(Properties.KmsKeyId).toBeDefined();
    }
  });
});

it('no policy of a resource names a role or user as principal, whose id AWS would store', () => {
  const named = [...templates].flatMap(([stack, template]) =>
    principalsIn(template.toJSON())
      .filter((principal) => /:(role|user|assumed-role)\/|"(AROA|AIDA)|"Fn::GetAtt"/.test(JSON.stringify(principal)))
      .map((principal) => ({ stack, principal })),
  );
  expect(named).toEqual([]);
  expect([...templates].flatMap(([, template]) => principalsIn(template.toJSON())).length).toBeGreaterThan(50);
});

/** Of policies of every kind, and of permissions of functions. */
function principalsIn(part: unknown): unknown[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'Principal' || key === 'NotPrincipal' ? [value] : principalsIn(value),
  );
}

it('the bucket of copies is versioned and locked, takes each object once, and only from remediations', () => {
  const template = templateOf('SutureJournal');
  template.hasResource('AWS::S3::Bucket', {
    Properties: {
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } } },
    },
    DeletionPolicy: 'RetainExceptOnCreate',
  });
  const [policy] = resourcesOf(template, 'AWS::S3::BucketPolicy');
  const denials = policy!.Properties.PolicyDocument.Statement.filter(({ Effect }: any) => Effect === 'Deny');
  expect(denials).toHaveLength(policy!.Properties.PolicyDocument.Statement.length);
  expect(denials).toContainEqual(
    expect.objectContaining({
      Action: 's3:PutObject',
      Principal: { AWS: '*' },
      Condition: { Null: { 's3:if-none-match': 'true' } },
    }),
  );
});

it('the journal is encrypted, can be restored, and is not deleted with its stack', () => {
  templateOf('SutureJournal').hasResource('AWS::DynamoDB::Table', {
    Properties: {
      TableName: 'suture-journal',
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    },
    DeletionPolicy: 'RetainExceptOnCreate',
  });
});

describe('with 120 remediations', () => {
  const { templates } = synthesizeTemplates(dummyRemediations(120));
  const counts = [...templates].map(
    ([name, { toJSON }]) => [name, Object.keys(toJSON.call(templates.get(name)).Resources).length] as const,
  );

  it('each family has a stack of at most 250 resources, half of the quota', () => {
    expect(counts.length).toBeGreaterThan(10);
    expect(counts.filter(([, count]) => count > 250)).toEqual([]);
    const functions = counts
      .filter(([name]) => name.startsWith('SutureRemediations-'))
      .reduce((sum, [, count]) => sum + count, 0);
    expect(functions).toBeGreaterThanOrEqual(120 * 5);
  });
});
