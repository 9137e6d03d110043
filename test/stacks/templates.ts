/** Synthesizes the stacks in memory from a sample context, with placeholders for bundles. */
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import * as z from 'zod';
import { accountTarget, defineRemediation, type Remediation } from '../../functions/contract/remediation.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import { addStacks } from '../../stacks/app.ts';
import { parseContext, type SutureContext } from '../../stacks/context.ts';

export const SECURITY_ACCOUNT = '111111111111';
export const SERVICE_ACCOUNT = '222222222222';

export const SAMPLE_CONTEXT: SutureContext = parseContext({
  organizationId: 'o-example00001',
  securityAccount: SECURITY_ACCOUNT,
  serviceAccount: SERVICE_ACCOUNT,
  homeRegion: 'eu-west-1',
  regions: ['eu-west-1', 'us-east-1'],
  externalId: 'an-external-id',
  excludedAccounts: ['333333333333'],
});

export const SAMPLE_POLICY = SuturePolicy.parse({ version: 1, controls: { 'EC2.7': 'auto' } });

export const FULL_CONTEXT: SutureContext = parseContext({
  ...SAMPLE_CONTEXT,
  audit: true,
  rollout: {
    managementAccount: '999999999999',
    account: '888888888888',
    units: ['ou-test-workload'],
    roleInManagementAccount: true,
  },
  identityCenter: {
    account: '999999999999',
    region: 'eu-central-1',
    instanceArn: 'arn:aws:sso:::instance/ssoins-0123456789abcdef',
    groups: { operator: ['00000000-0000-4000-8000-00000000000a'] },
  },
});

/** A response to threats. */
export const DISABLE_USER: Remediation = defineRemediation({
  id: 'guardduty/disable-user',
  title: 'Disable a user whose credentials somebody else has',
  handles: { product: 'aws/guardduty', types: ['TTPs/Initial Access/UnauthorizedAccess:IAMUser'] },
  risk: 'disruptive',
  target: accountTarget,
  params: z.strictObject({}),
  state: z.strictObject({}),
  reads: [{ actions: ['iam:GetUser'], resources: ['*'], because: 'a dummy' }],
  writes: [
    { actions: ['iam:PutUserPolicy'], resources: ['arn:{partition}:iam::{account}:user/*'], because: 'a dummy' },
  ],
  clients: {},
}).by({ read: async () => ({}), want: () => ({}), write: async () => {}, summary: () => 'nothing' });

export function synthesizeTemplates(remediations: readonly Remediation[], context = SAMPLE_CONTEXT) {
  const app = new App({ analyticsReporting: false });
  addStacks(app, {
    context,
    remediations,
    policy: SAMPLE_POLICY,
    bundles: () => Code.fromInline('exports.handler = async () => {}'),
  });
  const { stacks } = app.synth();
  const templates = new Map(stacks.map(({ stackName, template }) => [stackName, Template.fromJSON(template)]));
  const template = (name: string) => {
    const existing = templates.get(name);
    if (!existing) throw new Error(`no stack ${name}; there are ${[...templates.keys()].join(', ')}`);
    return existing;
  };
  return { app, templates, template };
}

type Resource = { readonly Type: string; readonly Properties: any; readonly [attribute: string]: unknown };

export const resourcesOf = (template: Template, type: string): Resource[] =>
  Object.values(template.findResources(type)) as Resource[];

/** A role's inline policies are all its permissions. */
export function roleStatementsOf(template: Template, roleName: string): any[] {
  const role = resourcesOf(template, 'AWS::IAM::Role').find(({ Properties }) => Properties.RoleName === roleName);
  return role!.Properties.Policies.flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement);
}

/** Leaves out denials, and the permissions for logs, traces and keys, which every role has. */
export const ownActions = (template: Template, roleName: string): Record<string, unknown> =>
  Object.fromEntries(
    roleStatementsOf(template, roleName)
      .filter(({ Effect, Action }) => Effect === 'Allow' && !/^(logs|xray|kms):/.test([Action].flat()[0]))
      .map(({ Action, Resource, Condition }) => [
        [Action].flat().join(' '),
        Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? Resource,
      ]),
  );
