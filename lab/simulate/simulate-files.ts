import type { CommandResult, CommandTerminal } from '../../cli/command.ts';
import { UsageError } from '../../cli/errors/usage-error.ts';
import { cannotRead, entriesIn } from '../../cli/input/read-findings.ts';
import { fromCaller } from '../../cli/options/from-caller.ts';
import { parseTime } from '../../cli/options/time.ts';
import { parseUnits } from '../../cli/options/units.ts';
import { plain } from '../../functions/domain/plain-text.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { PolicyError, readPolicy } from '../../stacks/policy.ts';
import { publicTrace } from '../organization/trace.ts';
import { outcomeCounts, traceStory, traceTable } from '../organization/trace-text.ts';
import { automaticPolicy, observeOnly } from './policy.ts';
import { type SimulatedTrace, simulate } from './run.ts';

export type SimulateOptions = {
  readonly json?: boolean;
  readonly mode: 'plan' | 'apply';
  readonly policy?: string;
  readonly asIs?: boolean;
  readonly at?: string;
  readonly ou?: readonly string[];
};

/**
 * @param files paths, or `-` for standard input
 * @throws UsageError if a file or the policy can't be read
 */
export async function simulateFiles(
  files: readonly string[],
  { json, mode, policy: policyFile, asIs = false, at, ou = [], progress }: SimulateOptions & CommandTerminal,
): Promise<CommandResult> {
  const policy = policyFile === undefined ? automaticPolicy(REMEDIATIONS) : policyIn(policyFile);
  const entries = await Promise.all(files.map(entriesIn));
  const traces = await simulate(entries.flat(), {
    policy: mode === 'plan' ? observeOnly(policy) : policy,
    asIs,
    ous: parseUnits(ou),
    ...(at !== undefined && { at: Date.parse(parseTime(at, Date.now(), '--at')) }),
    ...(progress && process.stderr.isTTY && { progress: (step: string) => progress(`… ${step}`) }),
  });
  return simulationResult(traces, json);
}

/** The command exits with 1 if a finding failed or could not be simulated. */
export const simulationResult = (traces: readonly SimulatedTrace[], json = false): CommandResult => ({
  text: json ? traces.map((trace) => JSON.stringify(publicTrace(trace))).join('\n') : report(plain(traces)),
  failed: traces.some(({ outcome }) => outcome === 'FAILED' || outcome === 'NOT_SIMULATED'),
});

const report = (traces: readonly SimulatedTrace[]): string =>
  [
    traceTable(traces, 'finding', ({ findingId }) => findingId ?? '-'),
    ...unitTexts(traces),
    ...traces.map((trace) => `\n${traceStory(trace)}`),
    `\n${outcomeCounts(traces)}`,
  ].join('\n');

function unitTexts(traces: readonly SimulatedTrace[]): string[] {
  const texts = traces.flatMap(({ account, unit }) => {
    if (!unit) return [];
    const assumed = unit.isAssumed ? ` (assumed; say --ou ${account}=/its/path if it is in another)` : '';
    return [`${account} is in the organizational unit ${unit.path}${assumed}`];
  });
  return texts.length > 0 ? ['', ...new Set(texts)] : [];
}

function policyIn(file: string): SuturePolicy {
  try {
    return readPolicy(fromCaller(file), REMEDIATIONS);
  } catch (error) {
    if (error instanceof PolicyError) throw new UsageError(error.message);
    throw cannotRead(file, error);
  }
}
