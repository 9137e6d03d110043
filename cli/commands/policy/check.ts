import { type CommandResult, defineCommand } from '../../command.ts';
import { jsonOption } from '../../options/standard.ts';

export type PolicyCheckOptions = { readonly json?: boolean };

export default defineCommand<PolicyCheckOptions, [file?: string]>({
  name: 'check',
  summary: 'list every problem of a policy with its line; makes no call to AWS',
  arguments: [{ name: '[file]', text: 'default: policy.yaml' }],
  options: [jsonOption('one JSON object: file, valid, problems')],
  exitCodes: { 0: 'the policy is valid', 1: 'it is not', 2: 'wrong usage, such as a file that does not exist' },
  run: (options, file) => checkCommand(file, options),
});

export async function checkCommand(given: string | undefined, { json }: PolicyCheckOptions): Promise<CommandResult> {
  const { policyFileProblems } = await import('../../policy/policy-file.ts');
  const problems = await policyFileProblems(given);
  const file = given ?? 'policy.yaml';
  const valid = problems.length === 0;
  if (json) return { text: JSON.stringify({ file, valid, problems }, null, 2), failed: !valid };
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`;
  return { text: valid ? `${file} is valid.` : [...problems, count].join('\n'), failed: !valid };
}
