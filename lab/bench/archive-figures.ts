/** The archive lane beside one call each, at the same arrivals and quotas, in virtual time. */
import { type Archived, type Arrivals, archiveLane } from './archive-lane.ts';
import { counted, type Figure, nearly, type Row, type Section } from './figures.ts';
import { BEST, CDK_DEFAULT, oneCallEach } from './one-call-each.ts';

export const ARRIVALS: Arrivals = {
  findings: 10_000,
  notes: 1,
  rate: 300,
  duplicates: 0.02,
  unprocessed: 0.01,
  share: 1,
  reports: 0,
  seed: 1,
};

/** Times the floor that the binding quota, or the arrivals, set. */
const OVER_FLOOR = 1.2;

type Scenario = { readonly name: string; readonly what: string; readonly differs: Partial<Arrivals> };

const SCENARIOS: readonly Scenario[] = [
  { name: 'notes-1', what: '10,000 findings of one note', differs: {} },
  { name: 'notes-20', what: '10,000 of twenty notes', differs: { notes: 20 } },
  { name: 'half-quota', what: '10,000 of one note, half of the quota', differs: { share: 0.5 } },
  {
    name: 'half-quota-notes-20',
    what: '10,000 of twenty notes, half of the quota',
    differs: { notes: 20, share: 0.5 },
  },
  { name: 'reports', what: "10,000 of one note, a tenth of them Report's", differs: { reports: 0.1 } },
  { name: '100000-notes-1', what: '100,000 of one note', differs: { findings: 100_000 } },
  { name: '100000-notes-20', what: '100,000 of twenty notes', differs: { findings: 100_000, notes: 20 } },
];

/** The first scenario, as others do it. */
const OTHERS = [
  { name: 'one-call-each-cdk', what: "beside it, CDK's default retry", retry: CDK_DEFAULT },
  { name: 'one-call-each-best', what: 'beside it, the best retry settings', retry: BEST },
] as const;

export async function archiveSection(): Promise<Section> {
  const rows: Row[] = [];
  for (const { name, what, differs } of SCENARIOS)
    rows.push({ what, figures: figuresOf(`archive.${name}`, await archiveLane({ ...ARRIVALS, ...differs })) });
  for (const { name, what, retry } of OTHERS) {
    const { seconds, calls, lost } = await oneCallEach(ARRIVALS, retry);
    rows.push({
      what,
      figures: [
        nearly(`archive.${name}.seconds`, seconds, ' s'),
        counted(`archive.${name}.calls`, calls),
        counted(`archive.${name}.lost`, lost),
      ],
      beside: 'time / calls / lost of the first row, by one call an execution',
    });
  }
  return {
    title: 'Archive lane: 300 findings/s, 2 % duplicates, 1 % unprocessed, virtual time',
    of: 'time / over the floor / calls / lost',
    rows,
  };
}

const figuresOf = (name: string, { seconds, floor, calls, callsAllowed, lost }: Archived): Figure[] => [
  nearly(`${name}.seconds`, seconds, ' s'),
  nearly(`${name}.over-floor`, seconds / floor, ' ×', { limit: OVER_FLOOR }),
  counted(`${name}.calls`, calls, { limit: callsAllowed }),
  counted(`${name}.lost`, lost, { limit: 0 }),
];
