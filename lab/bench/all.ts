/** `npm run bench`: every figure, in less than a minute. What is only counted runs at once, what is timed alone. */
import { Worker } from 'node:worker_threads';
import { assembly, timeOfSynth } from '../../stacks/assembly.ts';
import { bundleSection } from './bundle-figures.ts';
import { type Cost, costOf, total } from './cost.ts';
import { counted, priced, type Row, rated, type Section, slowest, timed } from './figures.ts';
import { meterOn } from './meter.ts';
import { MEASURED, startMeasured } from './organization.ts';
import { ownTimes, type Recorded, recordAnswers } from './own-time.ts';
import { percentile } from './percentile.ts';
import { type Runs, remediationSection, runEach } from './remediation-figures.ts';
import { archiveMany, remediateMany, type Throughput } from './throughput.ts';
import { decisionsASecond } from './triage-rate.ts';

export type Effort = {
  readonly remediated: number;
  readonly archived: number;
  /** Runs of each remediation's own code. */
  readonly ownRuns: number;
  /** Milliseconds for triage's decisions. */
  readonly triage: number;
};
const DEFAULT: Effort = { remediated: 60, archived: 150, ownRuns: 100, triage: 1_000 };

export async function measureAll(progress: (step: string) => void, effort: Effort = DEFAULT): Promise<Section[]> {
  progress('synthesizing everything');
  const synth = await synthSeconds();
  progress('starting the sandbox; the archive lane runs in virtual time beside it');
  const archiving = inThread();
  const organization = await startMeasured(5);
  try {
    const meter = meterOn(organization.sandbox.kernel);
    const runs = await runEach(organization, meter, progress);
    const recorded = await recordAnswers();
    const archive = await archiving;
    const bundles = await bundleSection(organization, progress);
    progress(`${effort.remediated} findings at once`);
    const accounts = [MEASURED, ...organization.others];
    await remediateMany(organization, meter, 8, accounts);
    const remediated = await remediateMany(organization, meter, effort.remediated, accounts);
    const archived = await archiveMany(organization, meter, effort.archived);
    meter.stop();
    return [
      archive,
      remediationSection(runs),
      sessionSection(runs),
      await speedSection(effort, { recorded, remediated, archived, synth }, progress),
      costSection(remediated, archived),
      bundles,
    ];
  } finally {
    await organization.close();
  }
}

/** Once is enough, where there is no assembly yet. */
async function synthSeconds(): Promise<number> {
  const { reused, seconds } = await assembly();
  return reused ? timeOfSynth() : seconds;
}

function inThread(): Promise<Section> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./archive-worker.ts', import.meta.url));
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** Characters that AWS takes, and that Suture allows itself. */
const POLICY_LIMIT = { median: 1_024, most: 1_600 };

function sessionSection({ remediated }: Runs): Section {
  const lengths = [...remediated.values()].flatMap(({ sessionPolicies }) => sessionPolicies);
  return {
    title: 'Session policies',
    of: 'characters, median / most',
    beside: 'STS takes 2,048, packed together with the tags',
    rows: [
      {
        what: `${lengths.length} sessions of ${remediated.size} remediations`,
        figures: [
          counted('session-policy.median', percentile(lengths, 50), { limit: POLICY_LIMIT.median }),
          counted('session-policy.most', Math.max(...lengths), { limit: POLICY_LIMIT.most }),
        ],
      },
    ],
  };
}

type Measured = {
  readonly recorded: readonly Recorded[];
  readonly remediated: Throughput;
  readonly archived: Throughput;
  /** Seconds. */
  readonly synth: number;
};

async function speedSection(
  { ownRuns, triage }: Effort,
  { recorded, remediated, archived, synth }: Measured,
  progress: (step: string) => void,
): Promise<Section> {
  progress("Suture's own code");
  const own = await ownTimes(recorded, ownRuns);
  const findings = recorded.map(({ finding }) => finding);
  const decisions = decisionsASecond(findings, triage);
  return {
    title: 'Speed',
    of: 'on this machine',
    rows: [
      {
        what: 'own time a finding, p50 / p99',
        figures: [
          timed('own-time.p50', percentile(own, 50), ' ms', { limit: 5 }),
          slowest('own-time.p99', percentile(own, 99), ' ms', { limit: 25 }),
        ],
        beside: 'from event to verified fix, AWS answering from memory, without what SDK clients do',
      },
      {
        what: 'processor time a finding, its functions with their SDK clients',
        figures: [timed('functions.processor', computed(remediated), ' ms')],
      },
      { what: 'triage', figures: [rated('triage.decisions-a-second', decisions, ' decisions/s')] },
      throughput('remediated', remediated),
      throughput('archived', archived),
      { what: 'synth of everything', figures: [timed('synth.seconds', synth, ' s', { limit: 20 })] },
    ],
  };
}

const computed = ({ invocations, findings }: Throughput): number =>
  invocations.reduce((sum, { processorMs = 0 }) => sum + processorMs, 0) / findings;

const throughput = (name: string, { findings, seconds, processorSeconds }: Throughput): Row => ({
  what: `the sandbox, ${findings} findings ${name} at once`,
  figures: [
    rated(`sandbox.${name}-a-second`, findings / seconds, ' findings/s'),
    timed(`sandbox.${name}.processor`, (processorSeconds / findings) * 1000, ' ms each'),
  ],
});

function costSection(remediated: Throughput, archived: Throughput): Section {
  const row = (what: string, name: string, cost: Cost, findings: number, beside: string): Row => ({
    what,
    figures: [priced(`cost.${name}`, total(cost) * findings)],
    beside: `${partsOf(cost, findings)}${beside}`,
  });
  const asr = "; AWS's Automated Security Response: about $10";
  return {
    title: 'Cost',
    of: 'at published prices of us-east-1, from what the findings at once were counted to take',
    rows: [
      row('1,000 remediations', 'remediations-1000', costOf(remediated), 1_000, asr),
      row('100,000 archived findings', 'archived-100000', costOf(archived), 100_000, ''),
    ],
  };
}

const partsOf = (cost: Cost, findings: number): string =>
  Object.entries(cost)
    .toSorted(([, a], [, b]) => b - a)
    .map(([part, dollars]) => `${part} $${Number((dollars * findings).toPrecision(2))}`)
    .join(', ');
