/** Reads and checks everything that a person gave before it loads the sandbox, so that it reports mistakes at once. */

import type { CommandResult, CommandTerminal } from '../../cli/command.ts';
import { UsageError } from '../../cli/errors/usage-error.ts';
import { cannotRead, entriesIn, findingsOf } from '../../cli/input/read-findings.ts';
import { fromCaller } from '../../cli/options/from-caller.ts';
import { parseTime } from '../../cli/options/time.ts';
import { parseUnits } from '../../cli/options/units.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { findingsNamed } from './finding-names.ts';
import { accountsIn } from './named-places.ts';

export type SimulateOptions = {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly finding?: string;
  readonly mode: 'plan' | 'apply';
  readonly policy?: string;
  readonly asIs?: boolean;
  readonly at?: string;
  readonly ou?: readonly string[];
};

/**
 * @param files paths, or `-` for standard input
 * @throws UsageError if a file, the policy or the value of an option is wrong
 */
export async function simulateFiles(
  files: readonly string[],
  options: SimulateOptions & CommandTerminal,
): Promise<CommandResult> {
  const { json = false, verbose = false, mode, asIs = false } = options;
  if (json && verbose) throw new UsageError('Give --verbose or --json, not both: JSON has everything.');
  const at = options.at === undefined ? undefined : Date.parse(parseTime(options.at, Date.now(), '--at'));
  const ous = parseUnits(options.ou ?? []);
  const entries = (await Promise.all(files.map(entriesIn))).flat();
  const findings = entries.flatMap(findingsOf);
  requireAccounts(ous, findings);
  const shown = options.finding === undefined ? undefined : shownFindings(options.finding, findings);
  const given = options.policy === undefined ? undefined : await policyIn(options.policy);

  const progress = progressOf(options);
  progress?.('loading the sandbox');
  const { simulate } = await import('./run.ts');
  const { automaticPolicy, observeOnly } = await import('./policy.ts');
  const { simulationResult } = await import('./simulation-result.ts');
  const { DECLARATIONS } = await import('../../functions/remediations/declarations.generated.ts');
  const policy = given ?? automaticPolicy(DECLARATIONS);
  const traces = await simulate(entries, {
    policy: mode === 'plan' ? observeOnly(policy) : policy,
    ...{ asIs, ous, progress },
    ...(at !== undefined && { at }),
  });
  return simulationResult(traces, { json, verbose, shown, isAutomatic: given === undefined });
}

/** Returns undefined for a program that reads JSON. */
function progressOf({ json, progress }: SimulateOptions & CommandTerminal): CommandTerminal['progress'] {
  if (!progress || (json && !process.stderr.isTTY)) return undefined;
  return (step) => progress(`… ${step}`);
}

function requireAccounts(ous: ReadonlyMap<string, string>, findings: readonly unknown[]): void {
  const accounts = accountsIn(findings);
  for (const account of ous.keys())
    if (!accounts.includes(account)) throw new UsageError(`--ou names ${account}, but no finding is of that account.`);
}

function shownFindings(text: string, findings: readonly unknown[]): number[] {
  const ids = findings.map((finding) => (Object(finding).Id === undefined ? null : String(Object(finding).Id)));
  const shown = findingsNamed(text, ids);
  if (shown.length > 0) return shown;
  throw new UsageError(
    `--finding ${text}: no finding of the input has this id, or an id that begins with it. A number is the place in the input, from 1 to ${findings.length}.`,
  );
}

async function policyIn(file: string): Promise<SuturePolicy> {
  const { PolicyError, readPolicy } = await import('../../stacks/policy.ts');
  const { DECLARATIONS } = await import('../../functions/remediations/declarations.generated.ts');
  try {
    return readPolicy(fromCaller(file), DECLARATIONS);
  } catch (error) {
    if (error instanceof PolicyError) throw new UsageError(error.message);
    throw cannotRead(file, error);
  }
}
