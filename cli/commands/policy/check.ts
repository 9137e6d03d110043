import { type CommandResult, defineCommand } from '../../command.ts';
import { jsonOption } from '../../options/standard.ts';

export type PolicyCheckOptions = { readonly json?: boolean };

export default defineCommand<PolicyCheckOptions, [file?: string]>({
  name: 'check',
  summary: 'list every problem of a policy with its line; makes no call to AWS',
  arguments: [{ name: '[file]', text: 'default: policy.yaml' }],
  options: [jsonOption('one JSON object: file, valid, problems')],
  examples: ['suture policy check', 'suture policy check other-policy.yaml'],
  exitCodes: { 0: 'the policy is valid', 1: 'it is not', 2: 'wrong usage, such as a file that does not exist' },
  run: (options, file) => checkCommand(file, options),
});

export async function checkCommand(file: string | undefined, { json }: PolicyCheckOptions): Promise<CommandResult> {
  const { policyFileError } = await import('../../policy/policy-file.ts');
  const error = await policyFileError(file);
  const name = file ?? 'policy.yaml';
  const failed = error !== undefined;
  if (json)
    return { text: JSON.stringify({ file: name, valid: !failed, problems: error?.problems ?? [] }, null, 2), failed };
  return { text: error?.message ?? `${name} is valid.`, failed };
}
