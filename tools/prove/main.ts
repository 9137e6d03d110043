import { dirname, join } from 'node:path';
import { UsageError } from '../../cli/errors/usage-error.ts';
import { cutText } from '../../cli/output/display-width.ts';
import { exitOnOutputError } from '../../cli/output/output-errors.ts';
import { IS_TERMINAL } from '../../cli/output/terminal.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { type LawResult, proveRemediation } from '../../lab/laws/prove.ts';
import { codeOf } from '../../stacks/packages/code.ts';
import { hookPackages } from '../../stacks/packages/hooks.ts';
import { loadScenarios } from './load.ts';
import type { ProveOptions } from './options.ts';
import { recordProof } from './packaged.ts';
import { LawReport } from './report.ts';
import { proveOnChange } from './watch.ts';

export async function runProve({ id, scenariosFile, packaged, watch, json, verbose }: ProveOptions): Promise<number> {
  exitOnOutputError();
  if (watch)
    return proveOnChange(join(dirname(scenariosFile), '../..'), id, [
      ...(json ? ['--json'] : []),
      ...(verbose ? ['--verbose'] : []),
    ]);
  const code = packaged && (await codeOf(packaged.from, packaged.module));
  if (code?.problems) return printError(code.problems.join('\n'));
  if (packaged) hookPackages([packaged.from]);
  const scenarios = await loadScenarios(id, scenariosFile, packaged?.from.given);
  if (typeof scenarios === 'string') return printError(scenarios);
  const exitCode = await (json ? printJson(id, proveRemediation(scenarios)) : printReport(scenarios, verbose));
  if (packaged && code) await recordProof(packaged.module, code.hash, { isProven: exitCode === 0, json });
  return exitCode;
}

async function printJson(id: string, results: AsyncIterable<LawResult>): Promise<number> {
  let broken = 0;
  for await (const result of results) {
    if (result.outcome === 'broken') broken++;
    console.log(JSON.stringify({ remediation: id, ...result }));
  }
  console.log(JSON.stringify({ remediation: id, broken }));
  return broken > 0 ? 1 : 0;
}

async function printReport(scenarios: Scenarios, verbose: boolean): Promise<number> {
  try {
    return await printLaws(scenarios, verbose);
  } catch (error) {
    if (error instanceof UsageError) return printError(error.message);
    throw error;
  }
}

async function printLaws(scenarios: Scenarios, verbose: boolean): Promise<number> {
  const { id, handles } = scenarios.remediation;
  const width = process.stdout.columns || 80;
  const report = new LawReport({ id, controls: handles.controls }, Object.keys(scenarios.scenarios), {
    ...{ print: (line) => console.log(line), width, verbose },
    ...(IS_TERMINAL && { progress: (step) => showStep(step, width) }),
  });
  for await (const result of proveRemediation(scenarios)) report.add(result);
  return report.finish() ? 0 : 1;
}

/** Replaces the last line of the terminal. */
function showStep(step: string | undefined, width: number): void {
  process.stdout.write(`\r\x1b[K${step === undefined ? '' : cutText(step, width - 1, 'end')}`);
}

function printError(message: string): number {
  console.error(message);
  return 1;
}
