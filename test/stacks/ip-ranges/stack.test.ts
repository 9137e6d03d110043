import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { dummyRemediations } from '../../../lab/bench/dummies.ts';
import { addStacks } from '../../../stacks/app.ts';
import { memberRoleTrust } from '../../../stacks/constructs/member-role-trust.ts';
import { parseContext } from '../../../stacks/context.ts';
import {
  ownActions,
  resourcesOf,
  roleStatementsOf,
  SAMPLE_CONTEXT,
  SAMPLE_POLICY,
  SECURITY_ACCOUNT,
  SERVICE_ACCOUNT,
} from '../templates.ts';

const ORIGIN = '444444444444';
const SHARED = '555555555555';
const TOPIC = 'arn:aws:sns:us-east-1:806199016981:AmazonIpSpaceChanged';
const TARGETS = [
  { name: 'own', vpcId: 'vpc-00000000000000001', region: 'eu-west-1' },
  { account: ORIGIN, name: 'web', vpcId: 'vpc-00000000000000002', region: 'us-east-1', ports: ['443', '8000-8080'] },
  { account: ORIGIN, name: 'fixed', groups: ['sg-00000000000000001'], region: 'us-east-1' },
  { account: SHARED, mode: 'prefix-list' },
];

/** With the sample context and these values of `ipRanges`. */
function synthesized(ipRanges: object | undefined, more: object = {}) {
  const app = new App({ analyticsReporting: false });
  const given = parseContext({ ...SAMPLE_CONTEXT, ...more, ...(ipRanges && { ipRanges }) });
  const bundles = () => Code.fromInline('exports.handler = async () => {}');
  addStacks(app, { context: given, remediations: dummyRemediations(1), policy: SAMPLE_POLICY, bundles });
  const { stacks } = app.synth();
  return { app, stacks: new Map(stacks.map((stack) => [stack.stackName, stack])) };
}

const whole = synthesized({ targets: TARGETS, variables: { PREFIX_NAME: 'EDGE', DEBUG: 'false' } });
const template = (name: string, { stacks } = whole) => Template.fromJSON(stacks.get(name)!.template);
const one = (type: string, name = 'SutureIpRanges') => resourcesOf(template(name), type)[0]!.Properties;
const named = (type: string, key: string, value: string) =>
  resourcesOf(template('SutureIpRanges'), type).find(({ Properties }) => Properties[key] === value)!.Properties;

describe('without ipRanges in the context', () => {
  it('there is no stack of the updater', () => {
    const { stacks } = synthesized(undefined);
    expect([...stacks.keys()].filter((name) => name.startsWith('SutureIpRanges'))).toEqual([]);
  });
});

describe('the stack', () => {
  it('subscribes the function to the topic in us-east-1, which alone may invoke it beside the schedule', () => {
    expect(one('AWS::SNS::Subscription')).toMatchObject({ TopicArn: TOPIC, Region: 'us-east-1', Protocol: 'lambda' });
    const permissions = resourcesOf(template('SutureIpRanges'), 'AWS::Lambda::Permission');
    expect(
      permissions.map(({ Properties }) => [Properties.Principal, Properties.SourceArn, Properties.SourceAccount]),
    ).toEqual([
      ['sns.amazonaws.com', TOPIC, undefined],
      ['events.amazonaws.com', { 'Fn::GetAtt': ['Daily', 'Arn'] }, undefined],
    ]);
  });

  it('keeps events that failed three times in an encrypted queue with an alarm', () => {
    expect(one('AWS::Lambda::EventInvokeConfig')).toMatchObject({
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringMatching(/^Failed/), 'Arn'] } } },
    });
    expect(one('AWS::SQS::Queue')).toMatchObject({
      QueueName: 'suture-ip-ranges-failed',
      KmsMasterKeyId: expect.anything(),
    });
  });

  it('runs daily', () => {
    expect(one('AWS::Events::Rule')).toMatchObject({ ScheduleExpression: 'rate(1 day)' });
  });

  it('has an alarm for everything that needs a person, with what to do', () => {
    const alarms = resourcesOf(template('SutureIpRanges'), 'AWS::CloudWatch::Alarm').map(
      ({ Properties }) => Properties,
    );
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual([
      'suture-ip-ranges-errors',
      'suture-ip-ranges-failed',
      'suture-ip-ranges-orphans',
      'suture-ip-ranges-refused',
      'suture-ip-ranges-targets-failed',
      'suture-ip-ranges-throttled',
    ]);
    for (const { AlarmActions, AlarmDescription } of alarms) {
      expect(AlarmActions).toEqual([`arn:aws:sns:eu-west-1:${SECURITY_ACCOUNT}:suture-alarms`]);
      expect(AlarmDescription.length).toBeGreaterThan(80);
    }
  });

  it('passes the configuration to the function', () => {
    const { Variables } = named('AWS::Lambda::Function', 'FunctionName', 'suture-ip-ranges').Environment;
    expect(Variables).toMatchObject({
      PREFIX_NAME: 'EDGE',
      DEBUG: 'false',
      LEDGER_TABLE: 'suture-ledger',
      LEDGER_REGION: 'eu-west-1',
      MEMBER_ROLE: 'suture/suture-ip-ranges-member',
      EXTERNAL_ID: 'an-external-id',
    });
    expect(JSON.parse(Variables.IP_RANGES)).toEqual({ targets: TARGETS });
  });

  it('lets the function assume its role in the accounts of targets and in no other', () => {
    const actions = ownActions(template('SutureIpRanges'), 'suture-ip-ranges');
    expect(actions['sts:AssumeRole']).toEqual(
      [ORIGIN, SHARED].map((account) => `arn:aws:iam::${account}:role/suture/suture-ip-ranges-member`),
    );
  });

  it('lets the function use its own part of the ledger', () => {
    const actions = ownActions(template('SutureIpRanges'), 'suture-ip-ranges');
    expect(actions['dynamodb:GetItem dynamodb:PutItem dynamodb:DeleteItem dynamodb:Query']).toEqual(['ip-ranges']);
  });

  it('has no finding of cdk-nag', () => {
    const { violations } = new AwsSolutionsChecks(whole.app).validateScope(whole.app);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });
});

describe('in another Region than the home Region, the stack', () => {
  const abroad = synthesized({ region: 'ap-southeast-2', targets: TARGETS });

  it('brings keys and topic for alarms, and reads the ledger at home', () => {
    const stack = template('SutureIpRanges', abroad);
    expect(abroad.stacks.get('SutureIpRanges')!.environment.region).toBe('ap-southeast-2');
    const aliases = resourcesOf(stack, 'AWS::KMS::Alias').map(({ Properties }) => Properties.AliasName);
    expect(aliases.sort()).toEqual(['alias/suture', 'alias/suture-alarms']);
    expect(resourcesOf(stack, 'AWS::SNS::Topic')).toHaveLength(1);
    const key = roleStatementsOf(stack, 'suture-ip-ranges').find(({ Condition }) =>
      JSON.stringify(Condition ?? '').includes('dynamodb:tableName'),
    );
    expect(key).toMatchObject({
      Action: 'kms:Decrypt',
      Condition: { StringEquals: { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' } },
    });
  });

  it('has no finding of cdk-nag', () => {
    const { violations } = new AwsSolutionsChecks(abroad.app).validateScope(abroad.app);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });
});

describe('the role in another account', () => {
  const roleIn = (account: string) => {
    const [role] = resourcesOf(template(`SutureIpRangesRole-${account}`), 'AWS::IAM::Role');
    return role!.Properties;
  };
  const statementsIn = (account: string): any[] => roleIn(account).Policies[0].PolicyDocument.Statement;
  const statementOn = (account: string, action: string) =>
    statementsIn(account).filter(({ Action }) => [Action].flat().includes(action));

  it('is created only in accounts that have targets', () => {
    const made = [...whole.stacks].filter(([name]) => name.startsWith('SutureIpRangesRole'));
    expect(made.map(([, stack]) => stack.environment.account)).toEqual([ORIGIN, SHARED]);
    expect(made.map(([name]) => name)).toEqual([ORIGIN, SHARED].map((account) => `SutureIpRangesRole-${account}`));
    expect(made.map(([, stack]) => stack.assets.length)).toEqual([0, 0]);
  });

  it('has a boundary of its own actions', () => {
    const [{ Properties }] = resourcesOf(template(`SutureIpRangesRole-${ORIGIN}`), 'AWS::IAM::ManagedPolicy') as [any];
    expect(Properties).toMatchObject({ ManagedPolicyName: 'suture-ip-ranges-member-boundary', Path: '/suture/' });
    const own = new Set(statementsIn(ORIGIN).flatMap(({ Action }) => [Action].flat()));
    expect(Properties.PolicyDocument.Statement).toEqual([{ Effect: 'Allow', Action: [...own].sort(), Resource: '*' }]);
    expect(roleIn(ORIGIN).PermissionsBoundary).toEqual({ Ref: 'Boundary' });
  });

  it("has the trust policy of the organization-wide role, for the updater's role alone", () => {
    const ofUpdater = { account: SECURITY_ACCOUNT, path: '/suture/ip-ranges/' };
    expect(roleIn(ORIGIN)).toMatchObject({
      RoleName: 'suture-ip-ranges-member',
      AssumeRolePolicyDocument: memberRoleTrust(SAMPLE_CONTEXT, ofUpdater),
    });
    const ofRemediations = { account: SERVICE_ACCOUNT, path: '/suture/remediation/' };
    const organizationWide = JSON.stringify(memberRoleTrust(SAMPLE_CONTEXT, ofRemediations));
    expect(JSON.stringify(memberRoleTrust(SAMPLE_CONTEXT, ofUpdater))).toBe(
      organizationWide
        .replaceAll(SERVICE_ACCOUNT, SECURITY_ACCOUNT)
        .replaceAll('/suture/remediation/', '/suture/ip-ranges/'),
    );
  });

  it('may change rules of marked and named groups only', () => {
    const on = statementOn(ORIGIN, 'ec2:AuthorizeSecurityGroupIngress').map(({ Resource, Condition }) => [
      Resource,
      Condition?.StringEquals,
    ]);
    expect(on).toEqual([
      [`arn:aws:ec2:us-east-1:${ORIGIN}:security-group/*`, { 'aws:ResourceTag/PREFIX_NAME': ['EDGE'] }],
      [`arn:aws:ec2:us-east-1:${ORIGIN}:security-group/sg-00000000000000001`, undefined],
      [`arn:aws:ec2:us-east-1:${ORIGIN}:security-group/*`, { 'aws:ResourceTag/suture:ip-ranges': ['fixed', 'web'] }],
      [
        `arn:aws:ec2:us-east-1:${ORIGIN}:security-group-rule/*`,
        { 'aws:RequestTag/suture:ip-ranges': ['fixed', 'web'] },
      ],
    ]);
  });

  it('may revoke rules and delete groups of a former target only if it created them', () => {
    expect(statementOn(ORIGIN, 'ec2:DeleteSecurityGroup')).toMatchObject([
      { Condition: { Null: { 'aws:ResourceTag/suture:ip-ranges': 'false' } } },
    ]);
  });

  it('may tag what it creates, and adopted rules only with its own mark', () => {
    expect(statementOn(ORIGIN, 'ec2:CreateTags')).toMatchObject([
      {
        Resource: `arn:aws:ec2:us-east-1:${ORIGIN}:security-group-rule/*`,
        Condition: {
          StringEquals: { 'aws:RequestTag/suture:ip-ranges': ['fixed', 'web'] },
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['suture:ip-ranges'] },
        },
      },
      { Condition: { StringEquals: { 'ec2:CreateAction': ['CreateSecurityGroup', 'AuthorizeSecurityGroupIngress'] } } },
    ]);
  });

  it('is limited to the VPC if all targets name one', () => {
    const own = roleStatementsOf(template('SutureIpRanges'), 'suture-ip-ranges');
    const attach = own.find(({ Action }) => Action === 'ec2:ModifyNetworkInterfaceAttribute');
    expect(attach.Condition).toEqual({
      ArnEquals: { 'ec2:Vpc': [`arn:aws:ec2:eu-west-1:${SECURITY_ACCOUNT}:vpc/vpc-00000000000000001`] },
    });
    expect(statementOn(ORIGIN, 'ec2:ModifyNetworkInterfaceAttribute')[0].Condition).toBeUndefined();
  });

  it('of prefix lists may change no security group', () => {
    const writes = statementsIn(SHARED)
      .flatMap(({ Action }) => Action)
      .filter((action: string) => !/Describe|Get/.test(action));
    expect(writes).toEqual([
      'ec2:CreateManagedPrefixList',
      'ec2:ModifyManagedPrefixList',
      'ec2:DeleteManagedPrefixList',
      'ec2:CreateTags',
      'ram:DeleteResourceShare',
    ]);
  });

  it('fits the quotas of IAM', () => {
    for (const account of [ORIGIN, SHARED]) {
      expect(JSON.stringify(roleIn(account).AssumeRolePolicyDocument).length).toBeLessThanOrEqual(2048);
      expect(JSON.stringify(roleIn(account).Policies).length).toBeLessThanOrEqual(10_240);
    }
  });
});

describe('a context is refused with what to do', () => {
  it.each([
    [
      'that puts the function where no message arrives',
      { region: 'af-south-1' },
      {},
      /af-south-1.*topic in us-east-1 does not reach.*targets may be in any Region/s,
    ],
    ['in another partition', {}, { partition: 'aws-us-gov' }, /partition aws-us-gov/],
    ['with a wrong port', { targets: [{ ports: ['http'] }] }, {}, /targets\.0\.ports\.0 is "http"/],
    ['with a misspelt key', { target: [] }, {}, /no such key/],
    ['with a misspelt variable', { variables: { PORT: '80' } }, {}, /variables\.PORT: no such key; there are VPC_ID/],
    [
      'with more targets than fit',
      {
        targets: Array.from({ length: 60 }, (_, n) => ({
          name: `target-${n}`,
          vpcId: `vpc-${String(n).padStart(17, '0')}`,
        })),
      },
      {},
      /bytes, more than/,
    ],
    ['with two targets of one name', { targets: [{}, {}] }, {}, /give each a name/],
  ])('%s', (_, ipRanges, more, message) => {
    expect(() => synthesized(ipRanges, more)).toThrow(message);
  });
});
