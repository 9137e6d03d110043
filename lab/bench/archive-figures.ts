/** The archive lane, and one call for each finding with the same arrivals and quotas, in virtual time. */
import { type ArchiveResult, archiveLane } from './archive-lane.ts';
import { ARRIVALS, type Arrivals } from './arrivals.ts';
import { countFigure, type Figure, type Row, type Section, stableFigure } from './figures.ts';
import { BEST_RETRY, CDK_DEFAULT_RETRY, oneCallEach } from './one-call-each.ts';

/** In multiples of the floor that the quotas or the arrivals set. */
const MAX_OVER_FLOOR = 1.2;

type ArrivalVariation = { readonly name: string; readonly label: string; readonly differs: Partial<Arrivals> };

const VARIATIONS: readonly ArrivalVariation[] = [
  { name: 'notes-1', label: '10,000 findings of one note', differs: {} },
  { name: 'notes-20', label: '10,000 of twenty notes', differs: { notes: 20 } },
  { name: 'half-quota', label: '10,000 of one note, half of the quota', differs: { share: 0.5 } },
  {
    name: 'half-quota-notes-20',
    label: '10,000 of twenty notes, half of the quota',
    differs: { notes: 20, share: 0.5 },
  },
  { name: 'reports', label: "10,000 of one note, a tenth of them Report's", differs: { reports: 0.1 } },
  { name: '100000-notes-1', label: '100,000 of one note', differs: { findings: 100_000 } },
  { name: '100000-notes-20', label: '100,000 of twenty notes', differs: { findings: 100_000, notes: 20 } },
];

const ALTERNATIVES = [
  { name: 'one-call-each-cdk', label: "one call each, CDK's default retry", retry: CDK_DEFAULT_RETRY },
  { name: 'one-call-each-best', label: 'one call each, the best retry settings', retry: BEST_RETRY },
] as const;

export async function archiveSection(): Promise<Section> {
  const rows: Row[] = [];
  for (const { name, label, differs } of VARIATIONS)
    rows.push({ label, figures: figuresOf(`archive.${name}`, await archiveLane({ ...ARRIVALS, ...differs })) });
  for (const { name, label, retry } of ALTERNATIVES) {
    const { seconds, calls, lost } = await oneCallEach(ARRIVALS, retry);
    rows.push({
      label,
      figures: [
        stableFigure(`archive.${name}.seconds`, seconds, ' s'),
        countFigure(`archive.${name}.calls`, calls),
        countFigure(`archive.${name}.lost`, lost),
      ],
      note: 'time / calls / lost of the first row, with one call for each execution',
    });
  }
  return {
    title: 'Archive lane: 300 findings/s, 2 % duplicates, 1 % unprocessed, virtual time',
    columns: 'time / over the floor / calls / lost',
    rows,
  };
}

const figuresOf = (name: string, { seconds, floorSeconds, calls, maxCalls, lost }: ArchiveResult): Figure[] => [
  stableFigure(`${name}.seconds`, seconds, ' s'),
  stableFigure(`${name}.over-floor`, seconds / floorSeconds, ' ×', { limit: MAX_OVER_FLOOR }),
  countFigure(`${name}.calls`, calls, { limit: maxCalls }),
  countFigure(`${name}.lost`, lost, { limit: 0 }),
];
