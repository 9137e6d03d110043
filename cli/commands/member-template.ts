/** `suture member-template`: for an account that no StackSet reaches. */
import { writeFile } from 'node:fs/promises';
import { isNamed } from '../../functions/contract/errors.ts';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { namesOf } from '../../functions/domain/names.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { defineCommand } from '../command.ts';
import { Failure } from '../errors/failure.ts';
import { fromCaller } from '../options/from-caller.ts';
import { INLINE_TEMPLATE_BYTES } from '../rollout/template.ts';

export type MemberTemplateOptions = {
  readonly output?: string;
  /** Prints the template although cdk.json has the example's accounts. */
  readonly example?: boolean;
  readonly context?: SutureContext;
};

export default defineCommand<MemberTemplateOptions>({
  name: 'member-template',
  heading: 'Set up',
  summary: "print the member role's CloudFormation template, for single accounts",
  options: [
    { flags: '--output <file>', text: 'write it to a file' },
    { flags: '--example', text: "print it although cdk.json names the example's accounts" },
  ],
  notes: `
For accounts that the StackSet of SutureOrgRollout does not reach. It trusts the service account of cdk.json; deploy the
other stacks first. It has the remediations of your packages too, and is checked like npm run synth: packages are proven, and
boundary.json allows what the role may do. Calls nothing and writes nothing in AWS.`.trim(),
  examples: ['suture member-template --output member-role.json'],
  run: (options) => memberTemplateCommand(options),
});

/**
 * Returns the template, or where it was written.
 * @throws Failure if the template would trust the example's service account, which may belong to somebody else, or if
 * synthesis would refuse packages or boundary
 */
export async function memberTemplateCommand({ output, example, context }: MemberTemplateOptions): Promise<string> {
  const { EXAMPLE_ORGANIZATION, readCdkJsonContext } = await import('../../stacks/context.ts');
  const installation = context ?? (await readCdkJsonContext());
  if (installation.organizationId === EXAMPLE_ORGANIZATION && !example)
    throw new Failure(
      `cdk.json still names the example: a role of this template would trust account ${installation.serviceAccount} of ` +
        `${EXAMPLE_ORGANIZATION}, which is not yours. Put your organization, accounts and external id into context.suture ` +
        'and deploy the other stacks first; or give --example to look at the template.',
    );
  const { memberTemplate } = await import('../../stacks/member-template.ts');
  const template = memberTemplate(installation, await remediationsOf(installation));
  if (output === undefined) return template;
  const file = fromCaller(output);
  await writeFile(file, `${template}\n`);
  return [
    `Written to ${file}. In the account, in ${installation.homeRegion}:`,
    deployCommand(file, template, installation),
  ].join('\n');
}

/** @throws Failure with what synthesis would refuse */
async function remediationsOf(context: SutureContext): Promise<readonly Remediation[]> {
  const { checkedRemediations } = await import('../../stacks/checked-remediations.ts');
  try {
    return await checkedRemediations(context);
  } catch (error) {
    if (!isNamed(error, 'PackageError', 'BoundaryError')) throw error;
    throw new Failure((error as Error).message);
  }
}

function deployCommand(file: string, template: string, { prefix }: SutureContext): string {
  const stack = namesOf({ prefix }).stack('MemberRole');
  const command = `aws cloudformation deploy --stack-name ${stack} --capabilities CAPABILITY_NAMED_IAM --template-file ${file}`;
  return Buffer.byteLength(template) < INLINE_TEMPLATE_BYTES
    ? command
    : `${command} --s3-bucket <a bucket of the account, because CloudFormation takes no more than ${INLINE_TEMPLATE_BYTES} bytes inline>`;
}
