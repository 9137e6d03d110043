import type { FindingReport } from '../clients/finding-report.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { jsonOption, NAMED_FINDING } from '../options/standard.ts';

export type ShowOptions = OperatorEnvironment & {
  readonly json?: boolean;
  readonly links?: boolean;
  readonly checks?: boolean;
  readonly all?: boolean;
};

export default defineCommand<ShowOptions, [words: readonly string[]]>({
  name: 'show',
  heading: 'Look',
  summary: 'show what became of a finding and why, and its whole history',
  arguments: [NAMED_FINDING],
  options: [
    { flags: '--all', text: 'each execution whole, instead of a line for each but the latest' },
    { flags: '--checks', text: 'each check of triage, instead of their number and the one that decided' },
    { flags: '--links', text: 'links and ids whole, instead of their beginnings' },
    jsonOption('a JSON array with everything'),
  ],
  notes: `
Begins with the end: what became of the finding, why, and the command that follows. Then, of the latest execution, its checks, its
states, the change as a difference (- before, + after), the calls in the account, who approved it, and links to the consoles.`.trim(),
  examples: [
    'suture show 0f6e1a2b',
    'suture show sg-3f2b1a0c',
    'suture show EC2.13 333333333333',
    'suture show suture-1a2b3c4d      a source identity from CloudTrail',
    "suture show my-bucket --json | jq '.[0].executions[-1].job.result'",
  ],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'it was shown', 1: 'it failed', 2: 'wrong usage, or a name that fits nothing or several findings' },
  run: (options, words) => showCommand(words.join(' '), options),
});

/**
 * Shows every finding of the name.
 * @throws UsageError if the ledger does not know the name, or it fits several findings
 */
export async function showCommand(
  name: string,
  { json, links, checks, all, ...environment }: ShowOptions,
): Promise<string> {
  const { resolveOperator } = await import('../clients/operator.ts');
  const { findingIdsNamed } = await import('../names/find-findings.ts');
  const { readFindingReport } = await import('../clients/finding-report.ts');
  const operator = await resolveOperator(environment);
  const reports: FindingReport[] = [];
  for (const findingId of await findingIdsNamed(operator, name))
    reports.push(await readFindingReport(operator, findingId));
  if (json) return JSON.stringify(reports, null, 2);
  const { accountBook, accountNames } = await import('../clients/account-book.ts');
  const { findingStory } = await import('../story/finding-story.ts');
  const ids = reports.flatMap(({ record }) => record?.ofAccount ?? []);
  const accounts = await accountNames(accountBook(operator), ids);
  return reports
    .map((report) => findingStory(report, { now: operator.now(), accounts, links, checks, all }))
    .join('\n\n');
}
