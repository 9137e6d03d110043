import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { UsageError } from '../../cli/errors/usage-error.ts';
import { exitOnOutputError } from '../../cli/output/output-errors.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { suggestion } from '../../functions/domain/nearest.ts';
import { type LawResult, proveRemediation } from '../../lab/laws/prove.ts';
import { codeOf } from '../../stacks/packages/code.ts';
import { hookPackages } from '../../stacks/packages/hooks.ts';
import { PackageError } from '../../stacks/packages/package-error.ts';
import { remediationIds } from '../../stacks/remediation-ids.ts';
import { type Packaged, packagedRemediations, recordProof } from './packaged.ts';
import { LawReport } from './report.ts';
import { proveOnChange } from './watch.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const REMEDIATIONS = join(ROOT, 'functions/remediations/');

const HELP = `npm run prove -- <service>/<verb-thing> [--watch] [--json]

Proves each law in each scenario of one remediation, and those about all of its scenarios.

  --watch   proves again whenever a file of the remediation's service changes
  --json    prints one JSON object for each law and scenario, and a summary as the last line

Of a remediation of a package that cdk.json names, it also writes proof.json, without which synthesis refuses it.

Exit codes: 0 when every law holds, 1 when a law is broken or the module cannot be loaded, 2 for wrong arguments.`;

export async function runProve(args: readonly string[]): Promise<number> {
  exitOnOutputError();
  const options = parseOptions(args);
  if ('message' in options) return printMessage(options.message, options.code);
  const { id, file, packaged, watch, json } = options;
  if (watch) return proveOnChange(dirname(dirname(dirname(file))), id, json ? ['--json'] : []);
  const code = packaged && (await codeOf(packaged.from, packaged.module));
  if (code?.problems) return printMessage(code.problems.join('\n'), 1);
  if (packaged) hookPackages([packaged.from]);
  const scenarios = await loadScenarios(file);
  if (typeof scenarios === 'string') return printMessage(scenarios, 1);
  const exitCode = await (json ? printJson(id, proveRemediation(scenarios)) : printReport(id, scenarios));
  if (packaged && code) await recordProof(packaged.module, code.hash, { isProven: exitCode === 0, json });
  return exitCode;
}

type Options = {
  readonly id: string;
  /** That of its scenarios. */
  readonly file: string;
  readonly packaged?: Packaged;
  readonly watch: boolean;
  readonly json: boolean;
};
type Stop = { readonly message: string; readonly code: number };

function parseOptions(args: readonly string[]): Options | Stop {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { watch: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) return { message: HELP, code: 0 };
    const [id, ...more] = positionals;
    if (!id || more.length > 0) return { message: `Name one remediation.\n\n${HELP}`, code: 2 };
    const { watch = false, json = false } = values;
    const own = `${REMEDIATIONS}${id}/scenarios.ts`;
    if (existsSync(own)) return { id, file: own, watch, json };
    const packaged = packagedRemediations().find(({ module }) => module.id === id);
    if (!packaged) return { message: unknownRemediation(id), code: 2 };
    return { id, file: packaged.module.scenarios, packaged, watch, json };
  } catch (error) {
    if (error instanceof PackageError) return { message: error.message, code: 1 };
    return { message: `${(error as Error).message}\n\n${HELP}`, code: 2 };
  }
}

function unknownRemediation(id: string): string {
  const ids = [...remediationIds(), ...packagedRemediations().map(({ module }) => module.id)];
  const hint = suggestion(id, ids);
  return `No remediation is named "${id}"${hint || `. There are: ${ids.join(', ')}.`}`;
}

/** @returns the module's scenarios, or the error with which it fails to load */
async function loadScenarios(file: string): Promise<Scenarios | string> {
  try {
    return (await import(pathToFileURL(file).href)).default;
  } catch (error) {
    return `${relative(ROOT, dirname(file))} cannot be loaded.\n${(error as Error).stack}`;
  }
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

async function printReport(id: string, scenarios: Scenarios): Promise<number> {
  try {
    return await printLaws(id, scenarios);
  } catch (error) {
    if (error instanceof UsageError) return printMessage(error.message, 1);
    throw error;
  }
}

async function printLaws(id: string, scenarios: Scenarios): Promise<number> {
  const report = new LawReport(id, Object.keys(scenarios.scenarios), (line) => console.log(line));
  for await (const result of proveRemediation(scenarios)) report.add(result);
  return report.finish() ? 0 : 1;
}

function printMessage(message: string, code: number): number {
  (code === 0 ? console.log : console.error)(message);
  return code;
}
