/** Measures how time and cost of a finding grow with the number of findings and of accounts. */
import { UsageError } from '../../cli/errors/usage-error.ts';
import { costOf, totalCost } from './cost.ts';
import { costFigure, type Figure, type Row, SCALE_PREFIX, type Section, timeFigure } from './figures.ts';
import { Meter } from './meter.ts';
import { BenchOrganization, MEASURED_ACCOUNT } from './organization.ts';
import { archiveMany, remediateMany, type Throughput } from './throughput.ts';

export type ScaleSizes = {
  readonly archived: readonly number[];
  readonly remediated: readonly number[];
  readonly accounts: readonly number[];
  readonly spread: number;
};
const STEPS = [100, 1_000, 10_000];
const REMEDIATION_ACCOUNTS = 20;

const PROGRESS_INTERVAL_MS = 30_000;

/** Twice as many findings may take a fifth more than twice as long. */
const MAX_GROWTH = 1.2;

/**
 * Returns sizes from 100 findings to `findings`, and from 4 accounts to 200.
 * @throws UsageError if `findings` is too small
 */
export function sizesUpTo(findings: number): ScaleSizes {
  const [first] = STEPS;
  if (findings <= first!) throw new UsageError(`--findings ${findings} is too few: give more than ${first}.`);
  const sizes = [...STEPS.filter((step) => step < findings), findings];
  return { archived: sizes, remediated: sizes, accounts: [4, 50, 200], spread: 100 };
}

export async function measureScale(progress: (step: string) => void, sizes: ScaleSizes): Promise<Section[]> {
  return [
    sectionOf('Archived findings, for each finding', await measureBySize('archived', sizes.archived, progress)),
    sectionOf(
      `Remediated findings in ${REMEDIATION_ACCOUNTS} accounts, for each finding`,
      await measureBySize('remediated', sizes.remediated, progress),
    ),
    sectionOf(`${sizes.spread} remediated findings, by accounts`, await measureByAccounts(sizes, progress)),
  ];
}

const sectionOf = (title: string, rows: readonly Row[]): Section => ({
  title,
  columns: 'processor time / calls / cost of 1,000; growth is the last row divided by the first',
  rows,
});

type Lane = 'archived' | 'remediated';

async function measureBySize(lane: Lane, sizes: readonly number[], progress: (step: string) => void): Promise<Row[]> {
  const organization = await BenchOrganization.start(lane === 'archived' ? 2 : REMEDIATION_ACCOUNTS);
  try {
    const meter = new Meter(organization.sandbox.kernel);
    const accounts = [MEASURED_ACCOUNT, ...organization.otherAccounts];
    const measure = (findings: number): Promise<Throughput> =>
      lane === 'archived'
        ? archiveMany(organization, meter, findings)
        : remediateMany(organization, meter, findings, accounts);
    // A warm-up: functions start, and their code is compiled.
    await measure(sizes[0]!);
    const throughputs: Throughput[] = [];
    for (const size of sizes) {
      progress(`${size} findings ${lane}`);
      throughputs.push(await withProgress(measure(size), meter, progress));
    }
    return rowsOf(lane, sizes, throughputs, (size) => `${size.toLocaleString('en-US')} findings`);
  } finally {
    await organization.close();
  }
}

async function withProgress<T>(work: Promise<T>, meter: Meter, progress: (step: string) => void): Promise<T> {
  const timer = setInterval(() => {
    const count = meter.invocationCount;
    progress(`  ${count > 0 ? `${count} invocations so far` : 'making faulty resources'}`);
  }, PROGRESS_INTERVAL_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

async function measureByAccounts({ accounts, spread }: ScaleSizes, progress: (step: string) => void): Promise<Row[]> {
  const throughputs: Throughput[] = [];
  for (const count of accounts) {
    progress(`${spread} findings in ${count} accounts`);
    const organization = await BenchOrganization.start(count);
    try {
      const meter = new Meter(organization.sandbox.kernel);
      const all = [MEASURED_ACCOUNT, ...organization.otherAccounts];
      await remediateMany(organization, meter, spread, all);
      throughputs.push(await remediateMany(organization, meter, spread, all));
    } finally {
      await organization.close();
    }
  }
  return rowsOf('accounts', accounts, throughputs, (count) => `${count} accounts`);
}

function rowsOf(
  name: string,
  sizes: readonly number[],
  throughputs: readonly Throughput[],
  label: (size: number) => string,
): Row[] {
  const prefix = `${SCALE_PREFIX}${name}`;
  const each = throughputs.map(eachFinding);
  const rows = sizes.map((size, n): Row => {
    const { processor, calls, cost } = each[n]!;
    return {
      label: label(size),
      figures: [
        timeFigure(`${prefix}.${size}.processor`, processor, ' ms'),
        timeFigure(`${prefix}.${size}.calls`, calls, ' calls'),
        costFigure(`${prefix}.${size}.cost-1000`, cost * 1_000),
      ],
      note: `${throughputs[n]!.seconds.toFixed(1)} s in total`,
    };
  });
  const [first, last] = [each[0]!, each.at(-1)!];
  const growth = (of: keyof typeof first): Figure =>
    timeFigure(`${prefix}.growth.${of}`, last[of] / first[of], ' ×', { limit: MAX_GROWTH });
  return [...rows, { label: 'growth', figures: [growth('processor'), growth('calls'), growth('cost')] }];
}

const eachFinding = (throughput: Throughput) => ({
  processor: (throughput.processorSeconds / throughput.findings) * 1000,
  calls: throughput.calls.length / throughput.findings,
  cost: totalCost(costOf(throughput)),
});
