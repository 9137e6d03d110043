import { type AccountNames, accountName, NO_NAMES } from '../names/account-name.ts';
import { countText } from '../output/count-text.ts';
import { csvText } from '../output/listing.ts';
import { colour, IS_TERMINAL, table, tabSeparated } from '../output/terminal.ts';
import { COVERAGE_PARTS, type Coverage, type CoverageCounts } from './coverage.ts';
import { DIMENSIONS, type Dimension } from './dimensions.ts';
import { EFFECT_MEANINGS, EFFECTS } from './forecast.ts';

const MAX_ROWS = 20;
const MAX_GAINS = 10;
const HEADINGS = ['open', 'handled', 'observed', 'exempt', 'told', 'left'];

/** @param policy the name of the policy, such as `version 7, which is deployed` */
export function coverageText(
  coverage: Coverage,
  policy: string,
  dimensions: readonly Dimension[],
  names = NO_NAMES,
): string {
  if (!IS_TERMINAL) return tabSeparated(coverageRows(coverage));
  const { total, effects, by } = coverage;
  const { open } = total;
  if (open === 0) return `No open finding. ${closedText(coverage)}`.trim();
  return [
    colour('bold', `${countText(open, 'open finding')}, under ${policy}:`),
    ...EFFECTS.flatMap((effect) =>
      effects[effect]
        ? [`${String(effects[effect]).padStart(8)}  ${share(effects[effect], open)}  ${EFFECT_MEANINGS[effect]}`]
        : [],
    ),
    ...dimensions.flatMap((dimension) => ['', groupTable(dimension, by[dimension], names)]),
    ...gainLines(coverage),
    ...(coverage.closed > 0 ? ['', closedText(coverage)] : []),
  ].join('\n');
}

function groupTable(dimension: Dimension, groups: Coverage['by'][Dimension], names: AccountNames): string {
  const shown = (name: string) => (dimension === 'account' ? accountName(name, names) : name);
  const rows = groups.slice(0, MAX_ROWS).map(({ name, ...counts }) => [shown(name), ...countCells(counts)]);
  const more = groups.length - rows.length;
  const rest = more > 0 ? `\n${more} more: --json, or a pipe, has them all` : '';
  return `${table([dimension, ...HEADINGS], rows)}${rest}`;
}

const countCells = ({ open, ...parts }: CoverageCounts): string[] => [
  String(open),
  ...COVERAGE_PARTS.map((part) => String(parts[part])),
];

/** Returns lines that fit below `controls:` of policy.yaml. */
function gainLines({ gains, total }: Coverage): string[] {
  if (gains.length === 0) return [];
  const shown = gains.slice(0, MAX_GAINS);
  const width = Math.max(...shown.map(({ control, mode }) => control.length + mode.length)) + 3;
  const sum = shown.reduce((all, { more }) => all + more, 0);
  return [
    '',
    `With these rules, policy would handle ${sum} more (${share(total.handled + sum, total.open).trim()} instead of ${share(total.handled, total.open).trim()}):`,
    ...shown.map(
      ({ control, mode, more, risk }) =>
        `  ${`${control}: ${mode}`.padEnd(width)}# ${more} more; its changes are ${risk}`,
    ),
    'Begin with observe (docs/deploy.md), and look first: suture policy diff --impact',
  ];
}

const share = (count: number, of: number): string => `${Math.round((100 * count) / Math.max(1, of))} %`.padStart(5);

const closedText = ({ closed }: Coverage): string =>
  closed > 0 ? `${closed} of the input ${closed === 1 ? 'is' : 'are'} not open: fixed, archived or resolved.` : '';

/** Returns the counts in total and of each group. */
export const coverageCsv = ({ total, by }: Coverage): string =>
  csvText([
    ['of', 'name', ...HEADINGS],
    ['total', '', ...countCells(total)],
    ...DIMENSIONS.flatMap((dimension) =>
      by[dimension].map(({ name, ...counts }) => [dimension, name, ...countCells(counts)]),
    ),
  ]);

/** Returns one row for each total, effect, group and gain: its kind, its name, the counts. */
export const coverageRows = ({ total, effects, by, gains }: Coverage): string[][] => [
  ['total', '', ...countCells(total)],
  ...EFFECTS.flatMap((effect) => (effects[effect] ? [['effect', effect, String(effects[effect])]] : [])),
  ...DIMENSIONS.flatMap((dimension) =>
    by[dimension].map(({ name, ...counts }) => [dimension, name, ...countCells(counts)]),
  ),
  ...gains.map(({ control, mode, more, risk }) => ['gain', control, String(more), mode, risk]),
];
