/** The share of AWS's quotas that the stacks take, with today's remediations and with as many as are planned. */
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { MANAGED_POLICY_LIMIT, memberRolePolicies, type PolicyDocument } from '../../functions/domain/permissions.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { addStacks } from '../../stacks/app.ts';
import { readCdkJsonContext, type SutureContext } from '../../stacks/context.ts';
import { dummyRemediations } from './dummies.ts';
import { countFigure, type Row, type Section } from './figures.ts';

/** Controls that Security Hub has and an API call can fix. */
const FUTURE_CONTROLS = 183;

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const QUOTAS = { resources: 500, templateKb: 1_024, policiesOfRole: 10, rolesOfAccount: 1_000 };

export async function sizeSection(progress: (step: string) => void): Promise<Section> {
  const context = await readCdkJsonContext();
  const rows = [REMEDIATIONS, withDummies()].flatMap((remediations) => {
    const controls = controlsOf(remediations).length;
    progress(`synthesizing templates of ${controls} controls`);
    return [
      ...rowsOf(controls, templatesOf(context, remediations)),
      policiesRow(controls, memberRolePolicies(remediations)),
    ];
  });
  return { title: 'Size of the stacks', columns: 'beside the quotas of AWS, before they are raised', rows };
}

const controlsOf = (remediations: readonly Remediation[]): string[] =>
  remediations.flatMap(({ handles }) => handles.controls);

/** Today's remediations, and a dummy for each further control. */
function withDummies(): Remediation[] {
  const handled = new Set(controlsOf(REMEDIATIONS));
  const dummies = dummyRemediations(Number.POSITIVE_INFINITY).filter(
    ({ id, handles }) => !handled.has(handles.controls[0]!) && REMEDIATIONS.every((each) => each.id !== id),
  );
  return [...REMEDIATIONS, ...dummies.slice(0, Math.max(0, FUTURE_CONTROLS - handled.size))];
}

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

/** Characters are those of the `aws` partition, without white space, as IAM counts them. */
export const policiesRow = (controls: number, policies: readonly PolicyDocument[]): Row => ({
  label: `${controls} controls: policies of the member role / characters of the longest`,
  figures: [
    countFigure(`size.${controls}.member-policies`, policies.length, { limit: QUOTAS.policiesOfRole }),
    countFigure(
      `size.${controls}.longest-policy`,
      Math.max(...policies.map((policy) => JSON.stringify(policy).length)),
      { limit: MANAGED_POLICY_LIMIT },
    ),
  ],
});
