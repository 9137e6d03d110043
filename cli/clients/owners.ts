/** Reads the owners of findings' resources by the ledger, the directory and a policy. */

import { withGoneUnits } from '../../functions/domain/policy-units.ts';
import { dynamoAccounts } from '../../functions/ledger/accounts.ts';
import { dynamoContacts } from '../../functions/ledger/security-contacts.ts';
import { Failure } from '../errors/failure.ts';
import { type OwnerReport, ownerReport } from '../owner/owner-report.ts';
import { chosenPolicy } from '../policy/chosen-policy.ts';
import { installedNames } from './installed-names.ts';
import { withTableHint } from './ledger-table.ts';
import type { Operator } from './operator.ts';

/**
 * Returns a report for each resource of these findings.
 * @param file a policy instead of the deployed one
 * @throws Failure if the ledger has only duplicates of a finding, or no policy is deployed
 */
export async function readOwners(
  operator: Operator,
  findings: readonly string[],
  file: string | undefined,
): Promise<OwnerReport[]> {
  const { dynamo } = operator;
  const table = installedNames().ledgerTable;
  const units = await withTableHint(dynamo, () => dynamoAccounts(table, dynamo).units());
  const policy = withGoneUnits((await chosenPolicy(file, operator)).policy, units);
  const contacts = dynamoContacts(table, dynamo, operator.now);
  const reports = new Map<string, OwnerReport>();
  for (const id of findings) {
    const record = await operator.ledger.record(id);
    if (!record) continue;
    const { account } = record.job.finding;
    const contact = account === undefined ? undefined : await contacts.read(account);
    const report = ownerReport(record, policy, contact?.mail);
    const known = reports.get(report.resource ?? id);
    // Of several findings of a resource, one with live tags counts.
    if (!known || report.tags === 'live') reports.set(report.resource ?? id, report);
  }
  if (reports.size === 0) throw new Failure('The ledger has only duplicates of this finding, and so no resource.');
  return [...reports.values()];
}
