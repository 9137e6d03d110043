import type { AppConfigClient } from '@aws-sdk/client-appconfig';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../../command.ts';
import { Failure } from '../../errors/failure.ts';
import { fromCaller } from '../../options/from-caller.ts';
import { jsonOption } from '../../options/standard.ts';
import { parseWholeNumber } from '../../options/whole-number.ts';

export type PolicyShowOptions = {
  readonly version?: number;
  readonly output?: string;
  readonly json?: boolean;
  readonly client?: AppConfigClient;
};

export default defineCommand<PolicyShowOptions>({
  name: 'show',
  summary: 'print the deployed policy, or another version of it, as a file that push and exempt take',
  options: [
    { flags: '--version <number>', text: 'this version (default: the deployed one)', parse: parseWholeNumber },
    { flags: '-o, --output <file>', text: 'write it to a file' },
    jsonOption('the policy as JSON, as it is stored'),
  ],
  notes: `
AppConfig keeps the rules of a policy and not the comments of its file. If your team keeps policy.yaml in a repository, change
that file instead.`.trim(),
  examples: ['suture policy show', 'suture policy show > policy.yaml', 'suture policy show --version 7 -o before.yaml'],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'it was printed', 1: 'there is no such version, or none is deployed', 2: 'wrong usage' },
  // A line break within a comment would be part of the policy.
  run: async (options) => ({ text: await showPolicyCommand(options), failed: false, fitted: true }),
});

/** @throws Failure if there is no such version, or no policy is deployed */
export async function showPolicyCommand({ version, output, json, client }: PolicyShowOptions): Promise<string> {
  const { policyStore } = await import('../../clients/policy.ts');
  const { policyFileText } = await import('../../policy/policy-file-text.ts');
  const store = await policyStore(client);
  const deployed = await store.deployed();
  const shown = version ?? deployed?.version;
  if (shown === undefined) throw new Failure('No policy is deployed yet. Deploy one: suture policy push policy.yaml');
  const content = shown === deployed?.version ? deployed.content : await store.contentOf(shown);
  const text = json ? JSON.stringify(content, null, 2) : policyFileText(content, shown, shown === deployed?.version);
  if (output === undefined) return text;
  const { writeFile } = await import('node:fs/promises');
  const file = fromCaller(output);
  await writeFile(file, `${text}\n`);
  return `Version ${shown} is written to ${file}.`;
}
