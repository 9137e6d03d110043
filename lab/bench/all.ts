/** Measures all figures: counts concurrently, times one after the other. */
import { Worker } from 'node:worker_threads';
import { type SynthesisTime, timeOfSynth } from '../../stacks/assembly.ts';
import { asrTotal } from './automated-security-response.ts';
import { bundleSection } from './bundle-figures.ts';
import { costOf, type FindingCost, totalCost } from './cost.ts';
import { costFigure, countFigure, peakTimeFigure, type Row, rateFigure, type Section, timeFigure } from './figures.ts';
import { lawSection } from './law-figures.ts';
import { lineSection } from './line-figures.ts';
import { messageSection } from './message-figures.ts';
import { Meter } from './meter.ts';
import { BenchOrganization, MEASURED_ACCOUNT } from './organization.ts';
import { ownTimes, type Recording, recordAnswers } from './own-time.ts';
import { percentileOf } from './percentile.ts';
import { type FindingRuns, remediationSection, runEachRemediation } from './remediation-figures.ts';
import { sizeSection } from './size-figures.ts';
import { archiveMany, remediateMany, type Throughput } from './throughput.ts';
import { decisionsPerSecond } from './triage-rate.ts';

/** Findings at once, runs of each remediation's own code, and processor time for triage. */
const REMEDIATED_FINDINGS = 60;
const WARM_UP_FINDINGS = 8;
const ARCHIVED_FINDINGS = 150;
const OWN_TIME_RUNS = 100;
const TRIAGE_MS = 1_000;
const MAX_SYNTH_SECONDS = 20;
const MEMBER_ACCOUNTS = 5;

type Progress = (step: string) => void;

export async function measureAll(progress: Progress): Promise<Section[]> {
  progress('synthesizing everything');
  const synth = await timeOfSynth();
  const size = await sizeSection(progress);
  const laws = await lawSection(progress);
  progress('starting the sandbox; the archive lane runs in virtual time in another thread');
  const archiving = archiveSectionInThread();
  const organization = await BenchOrganization.start(MEMBER_ACCOUNTS);
  try {
    const meter = new Meter(organization.sandbox.kernel);
    const runs = await runEachRemediation(organization, meter, progress);
    const recordings = await recordAnswers();
    const archive = await archiving;
    const bundles = await bundleSection(organization, progress);
    const throughputs = await measureThroughputs(organization, meter, progress);
    meter.stop();
    return [
      archive,
      remediationSection(runs),
      sessionSection(runs),
      await speedSection({ recordings, synth, ...throughputs }, progress),
      costSection(throughputs),
      await messageSection(),
      bundles,
      size,
      laws,
      lineSection(),
    ];
  } finally {
    await organization.close();
  }
}

function archiveSectionInThread(): Promise<Section> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./archive-worker.ts', import.meta.url));
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

type Throughputs = { readonly remediated: Throughput; readonly archived: Throughput };

async function measureThroughputs(
  organization: BenchOrganization,
  meter: Meter,
  progress: Progress,
): Promise<Throughputs> {
  progress(`${REMEDIATED_FINDINGS} findings at once`);
  const accounts = [MEASURED_ACCOUNT, ...organization.otherAccounts];
  await remediateMany(organization, meter, WARM_UP_FINDINGS, accounts);
  const remediated = await remediateMany(organization, meter, REMEDIATED_FINDINGS, accounts);
  const archived = await archiveMany(organization, meter, ARCHIVED_FINDINGS);
  return { remediated, archived };
}

/** Characters of a session policy that Suture's design allows. */
const POLICY_LIMITS = { median: 1_024, most: 1_600 };

function sessionSection({ remediated }: FindingRuns): Section {
  const lengths = [...remediated.values()].flatMap(({ sessionPolicies }) => sessionPolicies);
  return {
    title: 'Session policies',
    columns: 'characters, median / most',
    note: 'STS takes 2,048, packed together with the tags',
    rows: [
      {
        label: `${lengths.length} sessions of ${remediated.size} remediations`,
        figures: [
          countFigure('session-policy.median', percentileOf(lengths, 50), { limit: POLICY_LIMITS.median }),
          countFigure('session-policy.most', Math.max(...lengths), { limit: POLICY_LIMITS.most }),
        ],
      },
    ],
  };
}

type SpeedMeasurements = Throughputs & { readonly recordings: readonly Recording[]; readonly synth: SynthesisTime };

async function speedSection(
  { recordings, remediated, archived, synth }: SpeedMeasurements,
  progress: Progress,
): Promise<Section> {
  progress("measuring Suture's own code");
  const own = await ownTimes(recordings, OWN_TIME_RUNS);
  const findings = recordings.map(({ finding }) => finding);
  const decisions = decisionsPerSecond(findings, TRIAGE_MS);
  return {
    title: 'Speed',
    columns: 'on this machine',
    rows: [
      {
        label: 'own time of a finding, p50 / p99',
        figures: [
          timeFigure('own-time.p50', percentileOf(own, 50), ' ms', { limit: 5 }),
          peakTimeFigure('own-time.p99', percentileOf(own, 99), ' ms', { limit: 25 }),
        ],
        note: "from event to verified fix, with AWS's answers from memory, without SDK clients",
      },
      {
        label: "processor time of a finding's functions, SDK clients included",
        figures: [timeFigure('functions.processor', functionMs(remediated), ' ms')],
      },
      { label: 'triage', figures: [rateFigure('triage.decisions-a-second', decisions, ' decisions/s')] },
      throughputRow('remediated', remediated),
      throughputRow('archived', archived),
      {
        label: 'synth of everything / its processor time',
        figures: [
          timeFigure('synth.seconds', synth.seconds, ' s', { limit: MAX_SYNTH_SECONDS }),
          timeFigure('synth.processor', synth.processorSeconds, ' s'),
        ],
      },
    ],
  };
}

const functionMs = ({ invocations, findings }: Throughput): number =>
  invocations.reduce((sum, { processorMs = 0 }) => sum + processorMs, 0) / findings;

const throughputRow = (name: string, { findings, seconds, processorSeconds }: Throughput): Row => ({
  label: `the sandbox, ${findings} findings ${name} at once`,
  figures: [
    rateFigure(`sandbox.${name}-a-second`, findings / seconds, ' findings/s'),
    timeFigure(`sandbox.${name}.processor`, (processorSeconds / findings) * 1000, ' ms each'),
  ],
});

function costSection({ remediated, archived }: Throughputs): Section {
  const row = (label: string, name: string, cost: FindingCost, findings: number, remark = ''): Row => ({
    label,
    figures: [costFigure(`cost.${name}`, totalCost(cost) * findings)],
    note: `${costParts(cost, findings)}${remark}`,
  });
  const asr = `; AWS's Automated Security Response: ${asrTotal(1_000)}, by its guide`;
  return {
    title: 'Cost',
    columns: 'at published prices of us-east-1, computed from the findings at once',
    rows: [
      row('1,000 remediations', 'remediations-1000', costOf(remediated), 1_000, asr),
      row('100,000 archived findings', 'archived-100000', costOf(archived), 100_000),
    ],
  };
}

const costParts = (cost: FindingCost, findings: number): string =>
  Object.entries(cost)
    .toSorted(([, a], [, b]) => b - a)
    .map(([part, dollars]) => `${part} $${Number((dollars * findings).toPrecision(2))}`)
    .join(', ');
