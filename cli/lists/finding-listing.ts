/** The columns and fields of a list of findings. */

import type { LedgerListItem } from '../../functions/ports/ledger-queries.ts';
import { type AccountNames, accountCell } from '../names/account-name.ts';
import { resourceTail, shortId } from '../names/short-names.ts';
import { parseStatus } from '../options/status.ts';
import { ageText } from '../output/age.ts';
import { statusName, statusText } from '../output/finding-status.ts';
import { type Listing, oneLine, orDash } from '../output/listing.ts';

export type FindingListingFacts = {
  readonly now: number;
  readonly accounts: AccountNames;
  readonly nothing: string;
  /** Present if every finding has this status, which the table then leaves out. */
  readonly status?: string;
  readonly more?: string;
  readonly footer?: readonly string[];
};

export function findingListing({
  now,
  accounts,
  nothing,
  status,
  more,
  footer,
}: FindingListingFacts): Listing<LedgerListItem> {
  return {
    columns: [
      { heading: 'id', value: ({ findingId }) => shortId(findingId) },
      ...(status === undefined ? [STATUS_COLUMN] : []),
      { heading: 'age', value: ({ changedAt }) => ageText(changedAt, now) },
      { heading: 'control', value: ({ ofControl }) => orDash(ofControl), cut: { side: 'end', min: 8 } },
      { heading: 'account', value: ({ ofAccount }) => accountCell(ofAccount, accounts), cut: { side: 'end', min: 12 } },
      {
        heading: 'resource',
        value: ({ ofResource }) => (ofResource === undefined ? '-' : resourceTail(ofResource)),
        cut: { side: 'start', min: 12 },
      },
      { heading: 'why', value: whyText, cut: { side: 'end', min: 40 }, dropped: 1, below: true },
    ],
    fields: {
      finding: ({ findingId }) => findingId,
      status: ({ ofStatus }) => statusName(ofStatus),
      changed: ({ changedAt }) => changedAt,
      control: ({ ofControl }) => ofControl,
      account: ({ ofAccount }) => ofAccount,
      'account name': ({ ofAccount }) => accounts.get(ofAccount ?? ''),
      region: ({ region }) => region,
      severity: ({ severity }) => severity,
      resource: ({ ofResource }) => ofResource,
      remediation: ({ remediation }) => remediation,
      execution: ({ lastExecution }) => lastExecution,
      error: ({ error }) => error,
      why: ({ reason }) => oneLine(reason),
    },
    line: (item) => [
      statusText(item.ofStatus),
      orDash(item.ofControl),
      orDash(item.ofAccount),
      item.changedAt,
      orDash(item.ofResource),
      item.findingId,
      whyText(item),
    ],
    name: ({ findingId }) => findingId,
    nothing,
    more,
    footer,
  };
}

const STATUS_COLUMN: Listing<LedgerListItem>['columns'][number] = {
  heading: 'status',
  value: ({ ofStatus }) => statusName(ofStatus),
  paint: (shown, whole) => statusText(parseStatus(whole), shown),
};

const whyText = ({ error, reason }: LedgerListItem): string =>
  error === undefined ? oneLine(reason) : `${error}: ${oneLine(reason)}`;
