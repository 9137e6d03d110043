/** `npm run bench -- --scale`: how time and cost of a finding grow with the number of findings and of accounts. */
import { UsageError } from '../../cli/errors/usage-error.ts';
import { costOf, total } from './cost.ts';
import { type Figure, priced, type Row, SCALE, type Section, timed } from './figures.ts';
import { meterOn } from './meter.ts';
import { MEASURED, startMeasured } from './organization.ts';
import { archiveMany, remediateMany, type Throughput } from './throughput.ts';

export type Sizes = {
  readonly archived: readonly number[];
  readonly remediated: readonly number[];
  readonly accounts: readonly number[];
  /** Findings that are dealt out over the accounts. */
  readonly dealtOut: number;
};
const STEPS = [100, 1_000, 10_000];

/** Milliseconds between lines that tell that it goes on. */
const ALIVE = 30_000;

/** Times: what is twice as much may take a fifth more than twice as long. */
const FASTER_THAN_LINEAR = 1.2;

/** From 100 findings to so many, and from 4 accounts to 200. @throws UsageError where nothing can grow */
export function sizesUpTo(findings: number): Sizes {
  const [least] = STEPS;
  if (findings <= least!)
    throw new UsageError(`--findings ${findings} is too few: growth begins at ${least}. Give more than that.`);
  const sizes = [...STEPS.filter((step) => step < findings), findings];
  return { archived: sizes, remediated: sizes, accounts: [4, 50, 200], dealtOut: 100 };
}

export async function measureScale(progress: (step: string) => void, sizes: Sizes): Promise<Section[]> {
  return [
    section('Archived findings, a finding each', await bySize('archived', sizes.archived, progress)),
    section(
      'Remediated findings over 20 accounts, a finding each',
      await bySize('remediated', sizes.remediated, progress),
    ),
    section(`${sizes.dealtOut} remediated findings over so many accounts`, await byAccounts(sizes, progress)),
  ];
}

const section = (title: string, rows: readonly Row[]): Section => ({
  title,
  of: 'processor time / calls / cost of 1,000; the last row: the last over the first',
  rows,
});

type Lane = 'archived' | 'remediated';

async function bySize(lane: Lane, sizes: readonly number[], progress: (step: string) => void): Promise<Row[]> {
  const organization = await startMeasured(lane === 'archived' ? 2 : 20);
  try {
    const meter = meterOn(organization.sandbox.kernel);
    const deal = (findings: number): Promise<Throughput> =>
      lane === 'archived'
        ? archiveMany(organization, meter, findings)
        : remediateMany(organization, meter, findings, [MEASURED, ...organization.others]);
    // Functions start, and what they run is compiled.
    await deal(sizes[0]!);
    const measured: Throughput[] = [];
    for (const size of sizes) {
      progress(`${size} findings ${lane}`);
      const how = () => (meter.invoked() > 0 ? `${meter.invoked()} invocations so far` : 'making faulty resources');
      const tell = setInterval(() => progress(`  ${how()}`), ALIVE);
      measured.push(await deal(size).finally(() => clearInterval(tell)));
    }
    return rowsOf(lane, sizes, measured, (size) => `${size.toLocaleString('en-US')} findings`);
  } finally {
    await organization.close();
  }
}

async function byAccounts({ accounts, dealtOut }: Sizes, progress: (step: string) => void): Promise<Row[]> {
  const measured: Throughput[] = [];
  for (const count of accounts) {
    progress(`${dealtOut} findings over ${count} accounts`);
    const organization = await startMeasured(count);
    try {
      const meter = meterOn(organization.sandbox.kernel);
      const all = [MEASURED, ...organization.others];
      await remediateMany(organization, meter, dealtOut, all);
      measured.push(await remediateMany(organization, meter, dealtOut, all));
    } finally {
      await organization.close();
    }
  }
  return rowsOf('accounts', accounts, measured, (count) => `${count} accounts`);
}

function rowsOf(
  name: string,
  sizes: readonly number[],
  measured: readonly Throughput[],
  what: (size: number) => string,
): Row[] {
  const each = measured.map(figuresEach);
  const rows = sizes.map((size, n): Row => {
    const { processor, calls, cost } = each[n]!;
    return {
      what: what(size),
      figures: [
        timed(`${SCALE}${name}.${size}.processor`, processor, ' ms'),
        timed(`${SCALE}${name}.${size}.calls`, calls, ' calls'),
        priced(`${SCALE}${name}.${size}.cost-1000`, cost * 1_000),
      ],
      beside: `${measured[n]!.seconds.toFixed(1)} s in all`,
    };
  });
  const [first, last] = [each[0]!, each.at(-1)!];
  const growth = (of: keyof typeof first): Figure =>
    timed(`${SCALE}${name}.growth.${of}`, last[of] / first[of], ' ×', { limit: FASTER_THAN_LINEAR });
  return [...rows, { what: 'growth', figures: [growth('processor'), growth('calls'), growth('cost')] }];
}

const figuresEach = (measured: Throughput) => ({
  processor: (measured.processorSeconds / measured.findings) * 1000,
  calls: measured.calls.length / measured.findings,
  cost: total(costOf(measured)),
});
