/** The owner of a finding's resource, and the sources that name one. Pure. */

import { type OwnerCandidate, type OwnerPolicy, ownerCandidates } from '../../functions/domain/owners.ts';
import { plainText } from '../../functions/domain/plain-text.ts';
import type { OwnerPlace, ResourceOwner } from '../../functions/domain/resource-owner.ts';
import type { LedgerRecord } from '../../functions/ports/ledger-queries.ts';
import { type AccountNames, accountText } from '../names/account-name.ts';
import { resourceTail } from '../names/short-names.ts';
import { colour, table } from '../output/terminal.ts';

export type OwnerReport = {
  readonly resource: string | null;
  readonly type: string | null;
  readonly account: string | null;
  readonly unit: string | null;
  readonly owner: ResourceOwner | null;
  /** The most specific first. The first with an owner wins. */
  readonly candidates: readonly OwnerCandidate[];
  /** `live`: as the last plan or change of a finding read them. `finding`: as Security Hub has them. */
  readonly tags: 'live' | 'finding';
};

/** @param securityContact of the account, if Suture has asked for it */
export function ownerReport(
  { job: { finding, result } }: Pick<LedgerRecord, 'job'>,
  policy: OwnerPolicy,
  securityContact: string | undefined,
): OwnerReport {
  const live = result && 'ownerTags' in result ? result.ownerTags : undefined;
  // The last plan read no other tags than those that the policy named then.
  const tags = { ...finding.resource?.Tags, ...live };
  const candidates = ownerCandidates(policy, { ...finding, tags, securityContact });
  return {
    resource: finding.resource?.Id ?? null,
    type: finding.resource?.Type ?? null,
    account: finding.account ?? null,
    unit: finding.ouPath ?? null,
    owner: candidates.find(({ owner }) => owner !== undefined)?.owner ?? null,
    candidates,
    tags: live ? 'live' : 'finding',
  };
}

export function ownerText(report: OwnerReport, accounts: AccountNames): string {
  const { resource, type, account, unit, owner, candidates, tags } = report;
  const place = [account && `account ${accountText(account, accounts)}`, unit].filter(Boolean).join(' ');
  return [
    colour('bold', resource === null ? 'No resource' : plainText(`${resourceTail(resource)}  ${type} ${resource}`)),
    place,
    '',
    owner ? `Owner: ${plainText(owner.name)}, because ${plainText(owner.because)}` : NOBODY,
    ...(owner?.places ?? []).map(placeText),
    ...(candidates.length > 0 ? ['', 'Sources of an owner, the most specific first:', candidateTable(candidates)] : []),
    '',
    TAGS_TEXTS[tags],
  ].join('\n');
}

const NOBODY = 'Owner: nobody. Add the account, its unit or a tag of the resource to owners in policy.yaml.';

const TAGS_TEXTS = {
  live: 'The tags are the live ones, as the last plan or change read them.',
  finding: 'The tags are those of the finding: nothing has read the live ones yet.',
} as const;

const placeText = ({ kind, to }: OwnerPlace): string => `  ${kind.padEnd(10)}  ${plainText(to)}`;

function candidateState(isWinner: boolean, refused: string | undefined): string {
  if (isWinner) return 'wins';
  return refused === undefined ? 'counts' : 'refused';
}

function candidateTable(candidates: readonly OwnerCandidate[]): string {
  const winner = candidates.findIndex(({ owner }) => owner !== undefined);
  const rows = candidates.map(({ because, value, refused }, n) => {
    const said = value === undefined ? '' : ` (${plainText(value)})`;
    return [
      candidateState(n === winner, refused),
      `${plainText(because)}${said}${refused === undefined ? '' : `: ${refused}`}`,
    ];
  });
  return table(['', 'what'], rows);
}
