/** Reads what a report counts: the ledger's statistics and records, and the failing findings of Security Hub. */
import { dynamoAccounts } from '../../functions/ledger/accounts.ts';
import { listFindings } from '../clients/findings.ts';
import { installedNames } from '../clients/installed-names.ts';
import type { Operator } from '../clients/operator.ts';
import { controlOfFinding, failingFindings } from '../clients/security-hub.ts';
import { daysBetween } from '../output/utc-day.ts';
import { countOwnerFixes } from './owner-fixes.ts';
import type { ReportFacts } from './report-sections.ts';

/** @param range ISO 8601 */
export async function readReport(operator: Operator, range: { from: string; to: string }): Promise<ReportFacts> {
  const { ledger, dynamo, progress } = operator;
  const [from, to] = [range.from.slice(0, 10), range.to.slice(0, 10)];
  const statistics = await ledger.statistics(daysBetween(from, to));
  const store = dynamoAccounts(installedNames().ledgerTable, dynamo);
  const units: Record<string, string> = {};
  const names = new Map<string, string>();
  for (const account of new Set(statistics.map((each) => each.account))) {
    const { ouPath, name } = (await store.read(account)) ?? {};
    if (ouPath !== undefined) units[account] = ouPath;
    if (name !== undefined) names.set(account, name);
  }
  progress('counting failing findings in Security Hub');
  return {
    ...{ from, to, statistics, units, names },
    recurred: await countRecurred(operator, range),
    ownerFixes: await countOwnerFixes(operator, range),
    failing: await countFailing(operator, ['NEW', 'NOTIFIED', 'RESOLVED']),
    suppressed: await countFailing(operator, ['SUPPRESSED']),
  };
}

async function countFailing(operator: Operator, statuses: Parameters<typeof failingFindings>[1]) {
  const counts: Record<string, number> = {};
  for await (const finding of failingFindings(operator, statuses)) add(counts, controlOfFinding(finding) ?? '-');
  return counts;
}

/** Counts findings that were set back to NEW after a fix, as their records say. */
async function countRecurred(operator: Operator, range: { from: string; to: string }) {
  const counts: Record<string, number> = {};
  for (const status of ['OPEN', 'WAITING', 'FIXED', 'FAILED'] as const)
    for await (const { findingId, ofControl } of listFindings(operator, { status, since: range.from })) {
      const record = await operator.ledger.record(findingId);
      const { reopened = 0, reopenedAt = '' } = record ?? {};
      if (reopened > 0 && reopenedAt >= range.from && reopenedAt <= range.to) add(counts, ofControl ?? '-');
    }
  return counts;
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
