/** Processor time of the laws, which every remediation keeps in each of its scenarios. */
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { SCENARIOS } from '../../functions/remediations/scenarios.generated.ts';
import { proveRemediation } from '../laws/prove.ts';
import { type Row, type Section, timeFigure } from './figures.ts';
import { percentileOf } from './percentile.ts';
import { type RemediationForm, readRemediationLines } from './remediation-lines.ts';

const MAX_SETTING_MS = 1_500;
const MAX_ALL_SECONDS = 180;
const SLOWEST_LISTED = 5;

/** `form` is absent for a remediation of a package. */
export type LawTime = { readonly id: string; readonly form?: RemediationForm; readonly processorMs: number };

/**
 * Counts the processor time of all threads of this process, so nothing else may run in it.
 * @throws Error if a law is broken
 */
export async function lawSection(progress: (step: string) => void): Promise<Section> {
  const forms = new Map(readRemediationLines().map(({ id, form }) => [id, form]));
  const times: LawTime[] = [];
  for (const scenarios of SCENARIOS) {
    const { id } = scenarios.remediation;
    progress(`the laws of ${id}`);
    times.push({ id, form: forms.get(id), processorMs: await processorMsOfLaws(scenarios) });
  }
  return {
    title: 'Laws',
    columns: 'processor time in one process, without loading the code',
    rows: lawRows(times),
  };
}

export async function processorMsOfLaws(scenarios: Scenarios): Promise<number> {
  const before = process.cpuUsage();
  for await (const { law, scenario, outcome, because } of proveRemediation(scenarios))
    if (outcome === 'broken')
      throw new Error(
        `${scenarios.remediation.id} breaks the law "${law}" (${scenario ?? 'all scenarios'}): ${because}`,
      );
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

export function lawRows(times: readonly LawTime[]): Row[] {
  const settings = times.filter(({ form }) => form === 'setting').map(({ processorMs }) => processorMs);
  const seconds = times.reduce((sum, { processorMs }) => sum + processorMs, 0) / 1_000;
  const slowest = times.toSorted((a, b) => b.processorMs - a.processorMs).slice(0, SLOWEST_LISTED);
  return [
    {
      label: `${times.length} remediations`,
      figures: [timeFigure('laws.all', seconds, ' s', { limit: MAX_ALL_SECONDS })],
      note: `slowest: ${slowest.map(({ id, processorMs }) => `${id} ${(processorMs / 1_000).toFixed(1)} s`).join(', ')}`,
    },
    {
      label: `the median of ${settings.length} settings`,
      figures: [timeFigure('laws.setting.median', percentileOf(settings, 50), ' ms', { limit: MAX_SETTING_MS })],
    },
  ];
}
