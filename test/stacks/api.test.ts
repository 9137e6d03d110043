import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { API_ROUTES } from '../../functions/domain/api.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { parseContext, readCdkJsonContext } from '../../stacks/context.ts';
import { FULL_CONTEXT, resourcesOf, SAMPLE_CONTEXT, synthesizeTemplates } from './templates.ts';

const securityTemplate = (context = SAMPLE_CONTEXT) =>
  synthesizeTemplates(REMEDIATIONS, context).template('SutureSecurity');
const TEMPLATE = securityTemplate();

describe('the API', () => {
  it('has a method with IAM authorization for each route, and no other', () => {
    const paths = pathsOf(TEMPLATE);
    const methods = Object.values(TEMPLATE.findResources('AWS::ApiGateway::Method')).map(({ Properties }) => ({
      route: `${Properties.HttpMethod} ${paths.get(Properties.ResourceId.Ref)}`,
      authorization: Properties.AuthorizationType,
      integration: Properties.Integration.Type,
    }));
    expect(methods.sort((a, b) => a.route.localeCompare(b.route))).toEqual(
      Object.values(API_ROUTES)
        .map(({ method, path }) => ({
          route: `${method} ${path}`,
          authorization: 'AWS_IAM',
          integration: 'AWS_PROXY',
        }))
        .sort((a, b) => a.route.localeCompare(b.route)),
    );
  });

  it('throttles, and logs who did what without bodies', () => {
    const [{ Properties }] = resourcesOf(TEMPLATE, 'AWS::ApiGateway::Stage') as [any];
    expect(Properties).toMatchObject({
      StageName: 'live',
      MethodSettings: [{ HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 }],
      AccessLogSetting: { Format: expect.stringContaining('$context.identity.userArn') },
    });
    expect(Properties.MethodSettings[0].DataTraceEnabled ?? false).toBe(false);
  });

  it('is private, and denies every other way in, if the context has VPC endpoints', () => {
    const vpcEndpoints = ['vpce-0123456789abcdef0', 'vpce-0123456789abcdef1'];
    const template = securityTemplate(parseContext({ ...SAMPLE_CONTEXT, api: { vpcEndpoints } }));
    const [{ Properties }] = resourcesOf(template, 'AWS::ApiGateway::RestApi') as [any];
    expect(Properties.EndpointConfiguration).toEqual({ Types: ['PRIVATE'], VpcEndpointIds: vpcEndpoints });
    expect(Properties.Policy.Statement).toEqual([
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'execute-api:Invoke',
        Resource: 'execute-api:/*',
        Condition: { StringNotEquals: { 'aws:SourceVpce': vpcEndpoints } },
      },
    ]);
  });

  it('does not change the log role of the account if the context says so', () => {
    TEMPLATE.resourceCountIs('AWS::ApiGateway::Account', 1);
    const template = securityTemplate(parseContext({ ...SAMPLE_CONTEXT, api: { logRole: false } }));
    template.resourceCountIs('AWS::ApiGateway::Account', 0);
    template.resourceCountIs('AWS::ApiGateway::Stage', 1);
  });

  it.each([
    [{ vpcEndpoints: [] }, 'at least one endpoint'],
    [{ vpcEndpoints: ['vpc-1'] }, 'the id of an interface endpoint'],
    [{ public: true }, 'context.suture.api.public: no such key; there are vpcEndpoints, logRole'],
  ])('refuses the context %j', (api, message) => {
    expect(() => parseContext({ ...SAMPLE_CONTEXT, api })).toThrow(message);
  });
});

/** By logical id of a resource of the API. */
function pathsOf(template: Template): Map<string, string> {
  const resources = template.findResources('AWS::ApiGateway::Resource');
  const pathOf = (id: string): string => {
    const { ParentId, PathPart } = resources[id]!.Properties;
    return `${ParentId.Ref ? pathOf(ParentId.Ref) : ''}/${PathPart}`;
  };
  return new Map(Object.keys(resources).map((id) => [id, pathOf(id)]));
}

describe('only these roles of all stacks', async () => {
  const cdkJson = await readCdkJsonContext();
  const templates = [FULL_CONTEXT, cdkJson].flatMap((context) => [
    ...synthesizeTemplates(REMEDIATIONS, context).templates.values(),
  ]);
  /** `on` is a part of the statement's resource. */
  const holders = (action: string, on = ''): string[] => {
    const named = templates.flatMap((template) => [
      ...resourcesOf(template, 'AWS::IAM::Role').map(({ Properties }) => [
        Properties.RoleName,
        (Properties.Policies ?? []).flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement),
      ]),
      ...resourcesOf(template, 'AWS::IAM::ManagedPolicy').map(({ Properties }) => [
        Properties.ManagedPolicyName,
        Properties.PolicyDocument.Statement,
      ]),
    ]);
    const holding = named.filter(([, statements]) =>
      statements.some(
        ({ Effect, Action, Resource }: any) =>
          Effect === 'Allow' &&
          [Action].flat().some((each) => covers(each, action)) &&
          JSON.stringify(Resource).includes(on),
      ),
    );
    return [...new Set(holding.map(([name]) => JSON.stringify(name)))].map((name) => JSON.parse(name)).sort();
  };
  const covers = (pattern: string, action: string) =>
    new RegExp(`^${pattern.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 'i').test(action);

  it.each([
    [
      'states:StartExecution',
      // The workflow starts only executions that wait for approval.
      ['suture-api', 'suture-finding-rules', 'suture-remediate-finding', 'suture-triage'],
    ],
    ['states:RedriveExecution', ['suture-api']],
    ['states:SendTaskSuccess', ['suture-approvals', 'suture-finding-updates']],
    ['appconfig:StartDeployment', ['suture-api']],
    ['appconfig:CreateHostedConfigurationVersion', ['suture-api']],
    ['events:StartReplay', ['suture-api']],
    ['kms:GenerateMac', ['suture-approvals', 'suture-triage']],
    // Sends findings to a custom action, whose event does not say who did.
    ['securityhub:SendFindingEvents', []],
    ['sqs:StartMessageMoveTask', ['suture-api']],
    ['lambda:InvokeFunction', ['suture-api', 'suture-invoker', 'suture-remediate-finding']],
  ])('may %s: %j', (action, names) => {
    expect(holders(action)).toEqual(names);
  });

  const APPROVALS = ':stateMachine:suture-await-approval';
  const FINDINGS = ':stateMachine:suture-remediate-finding';
  it.each([
    ['states:StartExecution', APPROVALS, ['suture-remediate-finding']],
    ['states:SendTaskSuccess', APPROVALS, ['suture-approvals']],
    ['states:SendTaskFailure', APPROVALS, []],
    ['states:SendTaskHeartbeat', '', []],
    ['states:SendTaskSuccess', FINDINGS, ['suture-finding-updates']],
    ['states:SendTaskFailure', '', ['suture-finding-updates']],
    ['states:GetExecutionHistory', ':execution:suture-await-approval', []],
    ['states:GetExecutionHistory', '', ['suture-failures']],
    ['states:GetActivityTask', '', []],
  ])('may %s on "%s": %j', (action, on, names) => {
    expect(holders(action, on)).toEqual(names);
  });

  it('managed policies have no separate attachment, so that each holder is in this list', () => {
    for (const template of templates) template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  const PEOPLE = ['suture-viewer', 'suture-operator', 'suture-approver'];
  const actionsOf = (policy: string, effect: 'Allow' | 'Deny'): Set<string> => {
    const statements = templates
      .flatMap((template) => resourcesOf(template, 'AWS::IAM::ManagedPolicy'))
      .filter(({ Properties }) => Properties.ManagedPolicyName === policy)
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    return new Set(statements.filter(({ Effect }) => Effect === effect).flatMap(({ Action }) => [Action].flat()));
  };

  it.each(PEOPLE)('%s allows no action that writes', (name) => {
    const READS = /^[a-z-]+:(Get|List|Describe|Query|GET$)|^kms:Decrypt$|^dynamodb:Query$|^logs:FilterLogEvents$/;
    expect([...actionsOf(name, 'Allow')].filter((action) => !READS.test(action))).toEqual(['execute-api:Invoke']);
  });

  it('no policy of people allows what suture-viewer denies', () => {
    const denied = [...actionsOf('suture-viewer', 'Deny')];
    expect(denied).not.toEqual([]);
    for (const action of denied) expect(holders(action).filter((name) => PEOPLE.includes(name))).toEqual([]);
  });
});
