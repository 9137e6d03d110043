/** The change that a finding needs, for people who manage its resource by code or in the console. Pure. */

import type { Management } from '../../functions/domain/managed.ts';
import type { OwnerPatch } from '../../functions/domain/owner-patch.ts';
import { plain } from '../../functions/domain/plain-text.ts';
import { controlPageUrl } from '../catalogue/catalogue.ts';
import type { FindingReport } from '../clients/finding-report.ts';
import { type AccountNames, accountText } from '../names/account-name.ts';
import { resourceTail } from '../names/short-names.ts';
import { colour } from '../output/terminal.ts';
import { cloudFormationText, terraformText } from './code-text.ts';
import { consolePage } from './console-page.ts';

export type FindingPatch = OwnerPatch & {
  readonly findingId: string;
  readonly control?: string;
  readonly title?: string;
  readonly account?: string;
  readonly region?: string;
  readonly resource?: { readonly Type: string; readonly Id: string };
  /** The code that manages the resource, as the plan found it. */
  readonly managedBy?: Management;
  /** The newest plan or change. */
  readonly change?: string;
  /** The reason if Suture has neither plan nor change. */
  readonly because?: string;
  readonly console?: string;
  /** AWS's page of the control. */
  readonly documentation?: string;
};

/** Takes the newest execution that planned or made a change. */
export function findingPatch({ findingId, record, executions }: FindingReport): FindingPatch {
  const planned = executions.findLast(({ job }) => changeOf(job.result)?.summary !== undefined)?.job;
  const job = planned ?? record?.job ?? executions.at(-1)!.job;
  const { control, title, account, region, partition, resource } = job.finding;
  const change = changeOf(planned?.result);
  return {
    findingId,
    control,
    title,
    account,
    region,
    resource: resource && { Type: resource.Type, Id: resource.Id },
    managedBy: change?.managedBy,
    ...change?.patch,
    ...(change ? { change: change.summary } : { because: record?.reason ?? job.reason }),
    console: job.work && partition && region ? consolePage(job.work.remediation, partition, region) : undefined,
    documentation: control && controlPageUrl(control),
  };
}

type Result = FindingReport['executions'][number]['job']['result'];

const changeOf = (result: Result) =>
  result && 'before' in result && result.summary !== undefined
    ? { summary: result.summary, managedBy: result.managedBy, patch: result.patch }
    : undefined;

export function findingPatchText(exact: FindingPatch, accounts: AccountNames): string {
  const patch = plain(exact);
  const { control, title, account = '', region, resource, documentation } = patch;
  const place = [`account ${accountText(account, accounts)}`, region].filter(Boolean).join(', ');
  return [
    colour('bold', `${control ?? 'No control'}  ${title ?? ''}`),
    ...(resource ? [`${resourceTail(resource.Id)}  ${resource.Type} ${resource.Id}`] : []),
    place,
    '',
    ...bodyLines(patch),
    ...(documentation ? ['', `AWS about the control: ${documentation}`] : []),
  ].join('\n');
}

function bodyLines(patch: FindingPatch): string[] {
  const { managedBy, cloudFormation, terraform, because } = patch;
  if (because !== undefined) return [`Suture has no plan of the change: ${because}`, ...consoleLines(patch)];
  if (managedBy?.manager === 'cloudformation') {
    if (!cloudFormation) return unknownChange(patch, managedBy, 'property');
    return [`${managedBy.name} manages it. Set in the template:`, ...code(cloudFormationOf(patch))];
  }
  if (managedBy?.manager === 'terraform') {
    if (!terraform) return unknownChange(patch, managedBy, 'argument');
    return [`${managedBy.name} manages it. Set in the configuration:`, ...code(terraformOf(patch))];
  }
  return [
    `${managedBy ? `${managedBy.name} manages it.` : 'No code is known to manage it.'} The change: ${patch.change}`,
    ...consoleLines(patch),
    ...(cloudFormation ? ['', 'If CloudFormation does manage it:', ...code(cloudFormationOf(patch))] : []),
    ...(terraform ? ['', 'If Terraform does manage it:', ...code(terraformOf(patch))] : []),
  ];
}

const unknownChange = (patch: FindingPatch, { name }: Management, word: string): string[] => [
  `${name} manages it, and Suture knows no ${word} for the change: ${patch.change}`,
  ...consoleLines(patch),
];

const cloudFormationOf = ({ managedBy, cloudFormation = [] }: FindingPatch): string =>
  cloudFormationText(cloudFormation, managedBy?.logicalId);
const terraformOf = ({ terraform = [] }: FindingPatch): string => terraformText(terraform);

const code = (text: string): string[] => ['', ...text.split('\n').map((line) => `  ${line}`)];
const consoleLines = (patch: FindingPatch): string[] => (patch.console ? [`In the console: ${patch.console}`] : []);
