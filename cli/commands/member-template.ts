/** `suture member-template`: the member role's template for an account that no StackSet reaches. */
import { writeFile } from 'node:fs/promises';
import { remediations } from '../../functions/remediations/registry.generated.ts';
import { EXAMPLE_ORGANIZATION, sampleContext } from '../../lab/organization/organization.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { memberTemplate } from '../../stacks/member-template.ts';
import { Failure } from '../errors/failure.ts';
import { fromCaller } from '../options/from-caller.ts';

export type MemberTemplateOptions = {
  readonly output?: string;
  /** Takes cdk.json's example for what it is. */
  readonly example?: boolean;
  readonly context?: SutureContext;
};

/**
 * The template, or where it was written.
 * @throws Failure where it would trust the service account of the example, which is somebody else's or nobody's
 */
export async function memberTemplateCommand({ output, example, context }: MemberTemplateOptions): Promise<string> {
  const installation = context ?? (await sampleContext());
  if (installation.organizationId === EXAMPLE_ORGANIZATION && !example)
    throw new Failure(
      `cdk.json still names the example: a role of this template would trust account ${installation.serviceAccount} of ` +
        `${EXAMPLE_ORGANIZATION}, which is not yours. Put your organization, accounts and external id into context.suture ` +
        'and deploy the other stacks first; or give --example to look at the template.',
    );
  const template = memberTemplate(installation, remediations);
  if (output === undefined) return template;
  const file = fromCaller(output);
  await writeFile(file, `${template}\n`);
  return [
    `Written to ${file}. In the account, in ${installation.homeRegion}:`,
    `aws cloudformation deploy --stack-name SutureMemberRole --capabilities CAPABILITY_NAMED_IAM --template-file ${file}`,
  ].join('\n');
}
