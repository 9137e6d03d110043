import type { CommandResult } from '../../cli/command.ts';
import { plain } from '../../functions/domain/plain-text.ts';
import { publicTrace } from '../organization/trace.ts';
import type { SimulatedTrace } from './run.ts';
import { simulationPage, simulationStories, wholeSimulation } from './simulation-text.ts';

export type ResultForm = {
  readonly json?: boolean;
  readonly verbose?: boolean;
  /** The positions of the findings to show whole, and alone. */
  readonly shown?: readonly number[];
  /** The person gave no policy, so that the automatic one decided. */
  readonly isAutomatic?: boolean;
};

const AUTOMATIC_NOTE = 'Every control automatic, destructive ones by approval: no --policy.';

/** Returns what the command prints. It exits with 1 if a finding failed or could not be simulated. */
export const simulationResult = (traces: readonly SimulatedTrace[], form: ResultForm = {}): CommandResult => ({
  text: form.json ? jsonLines(traces, form.shown) : textOf(plain(traces), form),
  failed: traces.some(({ outcome }) => outcome === 'FAILED' || outcome === 'NOT_SIMULATED'),
});

const jsonLines = (traces: readonly SimulatedTrace[], shown: readonly number[] = [...traces.keys()]): string =>
  shown.map((n) => JSON.stringify(publicTrace(traces[n]!))).join('\n');

function textOf(traces: readonly SimulatedTrace[], { verbose, shown, isAutomatic }: ResultForm): string {
  const notes = isAutomatic ? [AUTOMATIC_NOTE] : [];
  if (shown) return simulationStories(traces, shown, undefined, notes);
  return verbose ? wholeSimulation(traces, undefined, notes) : simulationPage(traces, undefined, notes);
}
