/** The share of AWS's quotas that the stacks take, with today's remediations and with as many as are planned. */
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { memberRoleBoundary } from '../../functions/domain/member-role-boundary.ts';
import { type MemberRolePart, memberRoleParts } from '../../functions/domain/member-role-parts.ts';
import { MANAGED_POLICY_LIMIT, memberRolePolicies, type PolicyDocument } from '../../functions/domain/permissions.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { addStacks } from '../../stacks/app.ts';
import { readCdkJsonContext, type SutureContext } from '../../stacks/context.ts';
import { controlsHandled, remediationsWithDummies } from './dummies.ts';
import { countFigure, type Row, type Section } from './figures.ts';

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const QUOTAS = { resources: 500, templateKb: 1_024, policiesOfRole: 10, rolesOfAccount: 1_000 };

export async function sizeSection(progress: (step: string) => void): Promise<Section> {
  const context = await readCdkJsonContext();
  const rows = [
    sizeRows(context, REMEDIATIONS, progress),
    sizeRows(withDelegatedRollout(context), remediationsWithDummies(), progress),
  ].flat();
  return { title: 'Size of the stacks', columns: 'beside the quotas of AWS, before they are raised', rows };
}

export function sizeRows(
  context: SutureContext,
  remediations: readonly Remediation[],
  progress: (step: string) => void = () => {},
): Row[] {
  const controls = controlsHandled(remediations).length;
  progress(`synthesizing templates of ${controls} controls`);
  return [
    ...rowsOf(controls, templatesOf(context, remediations)),
    ...policyRows(controls, memberRoleParts(remediations).map(documentsOf)),
  ];
}

/**
 * Makes a delegated administrator create the StackSet: it can upload a template too large for CloudFormation to take
 * inline.
 */
export const withDelegatedRollout = (context: SutureContext): SutureContext => ({
  ...context,
  rollout: context.rollout && { ...context.rollout, account: context.securityAccount },
});

type CountedResource = { readonly Type: string; readonly Properties?: any };
export type StackTemplate = {
  readonly name: string;
  readonly characters: number;
  readonly resources: readonly CountedResource[];
};

function templatesOf(context: SutureContext, remediations: readonly Remediation[]): StackTemplate[] {
  const app = new App({ analyticsReporting: false });
  const bundles = () => Code.fromInline('exports.handler = async () => {}');
  addStacks(app, { context, remediations, policy: { version: 1, controls: {} } as never, bundles });
  return app.synth().stacks.map(({ stackName, template }) => ({
    name: stackName,
    characters: JSON.stringify(template).length,
    resources: Object.values((template as { Resources?: Record<string, CountedResource> }).Resources ?? {}),
  }));
}

export function rowsOf(controls: number, templates: readonly StackTemplate[]): Row[] {
  const count = (type: string) => templates.flatMap(({ resources }) => resources).filter(({ Type }) => Type === type);
  const largest = templates.toSorted((a, b) => b.resources.length - a.resources.length)[0]!;
  const longest = templates.toSorted((a, b) => b.characters - a.characters)[0]!;
  const name = (figure: string) => `size.${controls}.${figure}`;
  const alarms = count('AWS::CloudWatch::Alarm').length;
  return [
    {
      label: `${controls} controls: stacks / resources of the largest`,
      figures: [
        countFigure(name('stacks'), templates.length),
        countFigure(name('largest-stack'), largest.resources.length, { limit: QUOTAS.resources }),
      ],
      note: largest.name,
    },
    {
      label: `${controls} controls: longest template`,
      figures: [
        countFigure(name('longest-template-kb'), Math.ceil(longest.characters / 1024), {
          unit: ' KB',
          limit: QUOTAS.templateKb,
        }),
      ],
      note: longest.name,
    },
    {
      label: `${controls} controls: functions / roles / alarms`,
      figures: [
        countFigure(name('functions'), count('AWS::Lambda::Function').length),
        countFigure(name('roles'), count('AWS::IAM::Role').length, { limit: QUOTAS.rolesOfAccount }),
        countFigure(name('alarms'), alarms),
      ],
      note: `alarms cost $${(alarms * 0.1).toFixed(2)} a month`,
    },
  ];
}

type RoleDocuments = { readonly policies: readonly PolicyDocument[]; readonly boundary: PolicyDocument };

const documentsOf = ({ remediations }: MemberRolePart): RoleDocuments => ({
  policies: memberRolePolicies(remediations),
  boundary: memberRoleBoundary(remediations),
});

/** Characters are those of the `aws` partition, without white space, as IAM counts them. */
export function policyRows(controls: number, roles: readonly RoleDocuments[]): Row[] {
  const longest = (documents: readonly PolicyDocument[]) =>
    Math.max(...documents.map((document) => JSON.stringify(document).length));
  const name = (figure: string) => `size.${controls}.${figure}`;
  return [
    {
      label: `${controls} controls: member roles / policies of the largest / characters of the longest`,
      figures: [
        countFigure(name('member-roles'), roles.length),
        countFigure(name('member-policies'), Math.max(...roles.map(({ policies }) => policies.length)), {
          limit: QUOTAS.policiesOfRole,
        }),
        countFigure(name('longest-policy'), longest(roles.flatMap(({ policies }) => policies)), {
          limit: MANAGED_POLICY_LIMIT,
        }),
      ],
    },
    {
      label: `${controls} controls: characters of the longest boundary`,
      figures: [
        countFigure(name('longest-boundary'), longest(roles.map(({ boundary }) => boundary)), {
          limit: MANAGED_POLICY_LIMIT,
        }),
      ],
    },
  ];
}
