import type { AppConfigClient } from '@aws-sdk/client-appconfig';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../../command.ts';
import { jsonOption } from '../../options/standard.ts';

export type PolicyDiffOptions = { readonly json?: boolean; readonly client?: AppConfigClient };

export default defineCommand<PolicyDiffOptions, [file?: string]>({
  name: 'diff',
  summary: 'show how a policy differs from the deployed one; ! marks what lets Suture write more',
  arguments: [{ name: '[file]', text: 'default: policy.yaml' }],
  options: [jsonOption('one JSON object: deployed, changes')],
  access: SECURITY_ACCOUNT_ACCESS,
  run: (options, file) => diffCommand(file, options),
});

/** @throws UsageError if the file cannot be read, PolicyError if it is invalid */
export async function diffCommand(file: string | undefined, { json, client }: PolicyDiffOptions): Promise<string> {
  const { readPolicyFile } = await import('../../policy/policy-file.ts');
  const { comparePolicies, comparisonText, deployedNumbers } = await import('../../policy/comparison.ts');
  const { policyStore } = await import('../../clients/policy.ts');
  const policy = await readPolicyFile(file);
  const store = await policyStore(client);
  const comparison = comparePolicies(await store.deployed(), policy);
  if (!json) return comparisonText(comparison);
  return JSON.stringify({ deployed: deployedNumbers(comparison), changes: comparison.changes }, null, 2);
}
