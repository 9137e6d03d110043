import { type AccountNames, accountName, NO_NAMES } from '../names/account-name.ts';
import { countText } from '../output/count-text.ts';
import { colour, RISK_COLOURS, table } from '../output/terminal.ts';
import { IMPACT_PARTS, type Impact, type ImpactChange } from './impact.ts';

export function impactText(impact: Impact, names = NO_NAMES): string {
  const { open, before, after, accounts, owners, changed, widened, riskiest } = impact;
  if (changed === 0)
    return [
      `Nothing changes for the ${countText(open, 'finding that is', 'findings that are')} open and new.`,
      ...ownerLines(owners),
    ].join('\n');
  const total = { account: 'all', before, after };
  const cells = (side: typeof total) => IMPACT_PARTS.map((part) => changeText(side.before[part], side.after[part]));
  return [
    `${changed} of the ${countText(open, 'finding that is', 'findings that are')} open and new ${changed === 1 ? 'ends' : 'end'} otherwise:`,
    table(
      ['account', ...IMPACT_PARTS],
      [total, ...accounts].map((each) => [accountName(each.account, names), ...cells(each)]),
    ),
    ...riskiestLines(riskiest, widened, names),
    ...ownerLines(owners),
  ].join('\n');
}

const changeText = (before: number, after: number): string =>
  before === after ? String(after) : `${before} → ${after}`;

/** Counts owners by the tags of the findings, which the live tags may contradict. */
function ownerLines(owners: Impact['owners']): string[] {
  if (owners.length === 0) return [];
  const rows = owners.map(({ owner, before, after }) => [owner === '-' ? 'nobody' : owner, changeText(before, after)]);
  return ['', colour('bold', 'Findings by owner, where that changes:'), table(['owner', 'findings'], rows)];
}

function riskiestLines(riskiest: readonly ImpactChange[], widened: number, names: AccountNames): string[] {
  if (riskiest.length === 0) return [];
  const heading = widened > riskiest.length ? `The ${riskiest.length} riskiest of ${widened}` : `The ${widened}`;
  return [
    '',
    colour('bold', `${heading} that Suture would write, archive or ask about, and does not now:`),
    table(
      ['risk', 'severity', 'control', 'account', 'now → then', 'resource'],
      riskiest.map(({ risk, severity, control, account, from, to, resource }) => [
        risk ? colour(RISK_COLOURS[risk], risk) : '-',
        ...[severity, control, accountName(account, names), `${from} → ${to}`, resource],
      ]),
    ),
  ];
}
