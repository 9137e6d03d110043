/** Lists the suppressions of the deployed policy, and former ones that still hold findings. */

import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { type Exception, SuturePolicy } from '../../functions/domain/policy.ts';
import { dynamoSuppressions } from '../../functions/ledger/suppressions.ts';
import { utcDay } from '../output/utc-day.ts';
import { installedNames } from './installed-names.ts';
import { withTableHint } from './ledger-table.ts';
import type { Operator } from './operator.ts';
import { policyStore } from './policy.ts';

export type SuppressionLine = {
  readonly id: string;
  /** `ended`: its last day has passed, or the policy no longer has it; its findings go back to NEW. */
  readonly state: 'live' | 'ended';
  /** Findings that are archived under it. */
  readonly holds: number;
  /** The time of its first archived finding; null if it has none. */
  readonly since: string | null;
  /** Its last day; null if the policy no longer has it. */
  readonly until: string | null;
  readonly owner: string | null;
  readonly reason: string | null;
};

export async function listSuppressions(operator: Operator): Promise<SuppressionLine[]> {
  const { dynamo, ledger, now } = operator;
  const store = await policyStore(new AppConfigClient(operator.aws));
  const content = (await store.deployed())?.content;
  const inPolicy = content === undefined ? [] : SuturePolicy.parse(content).suppressions;
  const stored = await withTableHint(dynamo, () => dynamoSuppressions(installedNames().ledgerTable, dynamo).list());
  const ids = new Set([...inPolicy, ...stored].map(({ id }) => id));
  const today = utcDay(now());
  const lines: SuppressionLine[] = [];
  for (const id of [...ids].sort()) {
    const exception = inPolicy.find((each) => each.id === id);
    const since = stored.find((each) => each.id === id)?.since ?? null;
    const holds = since === null ? 0 : await ledger.count({ suppression: id });
    lines.push({ id, state: stateOf(exception, today), holds, since, ...detailsOf(exception) });
  }
  return lines;
}

const stateOf = (exception: Exception | undefined, today: string): SuppressionLine['state'] =>
  exception && today <= exception.expires ? 'live' : 'ended';

const detailsOf = (exception: Exception | undefined) => ({
  until: exception?.expires ?? null,
  owner: exception?.owner ?? null,
  reason: exception?.reason ?? null,
});
