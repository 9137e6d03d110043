import type { OperatorEnvironment } from '../clients/operator.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { jsonOption, NAMED_FINDING } from '../options/standard.ts';
import type { FindingPatch } from '../patch/finding-patch.ts';

export type PatchOptions = OperatorEnvironment & { readonly json?: boolean };

export default defineCommand<PatchOptions, [words: readonly string[]]>({
  name: 'patch',
  heading: 'Look',
  summary: 'say what to change about a finding, in CloudFormation, Terraform or the console',
  arguments: [NAMED_FINDING],
  options: [jsonOption('a JSON array: managedBy, cloudFormation, terraform, change, console')],
  notes: `
The properties and values come from the newest plan or change of the finding, as do the stack and the logical id, or that
Terraform manages the resource. YourName stands for a name that only its owner knows. Where Suture knows no property and no
argument, it says so, and names the page of the console. Nothing is changed.`.trim(),
  examples: [
    'suture patch 0f6e1a2b',
    'suture patch EC2.15 333333333333',
    "suture patch my-bucket --json | jq '.[0].terraform'",
  ],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'it was said', 1: 'it failed', 2: 'wrong usage, or a name that fits nothing or several findings' },
  run: (options, words) => patchCommand(words.join(' '), options),
});

/** @throws UsageError if the ledger does not know the name, or it fits several findings */
export async function patchCommand(name: string, { json, ...environment }: PatchOptions): Promise<string> {
  const { resolveOperator } = await import('../clients/operator.ts');
  const { findingIdsNamed } = await import('../names/find-findings.ts');
  const { readFindingReport } = await import('../clients/finding-report.ts');
  const { findingPatch, findingPatchText } = await import('../patch/finding-patch.ts');
  const operator = await resolveOperator(environment);
  const patches: FindingPatch[] = [];
  for (const findingId of await findingIdsNamed(operator, name))
    patches.push(findingPatch(await readFindingReport(operator, findingId)));
  if (json) return JSON.stringify(patches, null, 2);
  const { accountBook, accountNames } = await import('../clients/account-book.ts');
  const accounts = await accountNames(
    accountBook(operator),
    patches.flatMap(({ account }) => account ?? []),
  );
  return patches.map((patch) => findingPatchText(patch, accounts)).join('\n\n');
}
