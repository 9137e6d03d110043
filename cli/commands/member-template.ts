/** `suture member-template`: for an account that no StackSet reaches. */
import { writeFile } from 'node:fs/promises';
import type { SutureContext } from '../../stacks/context.ts';
import { defineCommand } from '../command.ts';
import { Failure } from '../errors/failure.ts';
import { fromCaller } from '../options/from-caller.ts';

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
other stacks first. Calls nothing and writes nothing in AWS.`.trim(),
  examples: ['suture member-template --output member-role.json'],
  run: (options) => memberTemplateCommand(options),
});

/**
 * Returns the template, or where it was written.
 * @throws Failure if the template would trust the example's service account, which may belong to somebody else
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
  const { REMEDIATIONS } = await import('../../functions/remediations/registry.generated.ts');
  const template = memberTemplate(installation, REMEDIATIONS);
  if (output === undefined) return template;
  const file = fromCaller(output);
  await writeFile(file, `${template}\n`);
  return [
    `Written to ${file}. In the account, in ${installation.homeRegion}:`,
    `aws cloudformation deploy --stack-name SutureMemberRole --capabilities CAPABILITY_NAMED_IAM --template-file ${file}`,
  ].join('\n');
}
