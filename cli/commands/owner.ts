import type { OperatorEnvironment } from '../clients/operator.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { jsonOption, NAMED_FINDING } from '../options/standard.ts';
import type { OwnerReport } from '../owner/owner-report.ts';

export type OwnerOptions = OperatorEnvironment & { readonly json?: boolean; readonly policy?: string };

export default defineCommand<OwnerOptions, [words: readonly string[]]>({
  name: 'owner',
  heading: 'Look',
  summary: 'say who owns the resource of a finding, where its owner is told, and why',
  arguments: [NAMED_FINDING],
  options: [
    { flags: '--policy <file>', text: 'by this policy instead of the deployed one' },
    jsonOption('a JSON array: resource, type, account, unit, owner, candidates, tags'),
  ],
  notes: `
The most specific wins: a tag of the resource, the account, its innermost organizational unit, the account's security
contact. All that name an owner are listed in this order, and those that do not count with the reason. What a tag or a contact
says is text of the member account: it counts only as far as ownerTags of the policy allows.`.trim(),
  examples: [
    'suture owner 0f6e1a2b',
    'suture owner my-bucket --policy policy.yaml',
    "suture owner sg-3f2b --json | jq '.[0].owner.places'",
  ],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'it was said', 1: 'it failed', 2: 'wrong usage, or a name that fits nothing or several findings' },
  run: (options, words) => ownerCommand(words.join(' '), options),
});

/** @throws UsageError if the ledger does not know the name, or it fits several findings */
export async function ownerCommand(
  name: string,
  { json, policy: file, ...environment }: OwnerOptions,
): Promise<string> {
  const { resolveOperator } = await import('../clients/operator.ts');
  const { findingIdsNamed } = await import('../names/find-findings.ts');
  const { ownerText } = await import('../owner/owner-report.ts');
  const { readOwners } = await import('../clients/owners.ts');
  const operator = await resolveOperator(environment);
  const reports: OwnerReport[] = await readOwners(operator, await findingIdsNamed(operator, name), file);
  if (json) return JSON.stringify(reports, null, 2);
  const { accountNamesIn } = await import('../clients/account-book.ts');
  const accounts = await accountNamesIn(
    operator,
    reports.flatMap(({ account }) => (account === null ? [] : [{ account }])),
  );
  return reports.map((report) => ownerText(report, accounts)).join('\n\n');
}
