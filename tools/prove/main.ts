import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { exitOnOutputError } from '../../cli/output/output-errors.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { suggestion } from '../../functions/domain/nearest.ts';
import { type LawResult, proveRemediation } from '../../lab/laws/prove.ts';
import { remediationIds } from '../generators/remediation-lists.ts';
import { LawReport } from './report.ts';
import { proveOnChange } from './watch.ts';

const REMEDIATIONS = fileURLToPath(new URL('../../functions/remediations/', import.meta.url));

const HELP = `npm run prove -- <service>/<verb-thing> [--watch] [--json]

Proves each law in each scenario of one remediation, and those about all of its scenarios.

  --watch   proves again whenever a file of the remediation's service changes
  --json    prints one JSON object for each law and scenario, and a summary as the last line

Exit codes: 0 when every law holds, 1 when a law is broken or the module cannot be loaded, 2 for wrong arguments.`;

export async function runProve(args: readonly string[]): Promise<number> {
  exitOnOutputError();
  const options = parseOptions(args);
  if ('message' in options) return printMessage(options.message, options.code);
  const { id, watch, json } = options;
  if (watch) return proveOnChange(REMEDIATIONS, id, json ? ['--json'] : []);
  const scenarios = await loadScenarios(id);
  if (typeof scenarios === 'string') return printMessage(scenarios, 1);
  return json ? printJson(id, proveRemediation(scenarios)) : printReport(id, scenarios);
}

type Options = { readonly id: string; readonly watch: boolean; readonly json: boolean };
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
    if (!existsSync(`${REMEDIATIONS}${id}/scenarios.ts`)) return { message: unknownRemediation(id), code: 2 };
    return { id, watch: values.watch ?? false, json: values.json ?? false };
  } catch (error) {
    return { message: `${(error as Error).message}\n\n${HELP}`, code: 2 };
  }
}

function unknownRemediation(id: string): string {
  const ids = remediationIds();
  const hint = suggestion(id, ids);
  return `No remediation is named "${id}"${hint || `. There are: ${ids.join(', ')}.`}`;
}

/** @returns the module's scenarios, or the error with which it fails to load */
async function loadScenarios(id: string): Promise<Scenarios | string> {
  try {
    return (await import(pathToFileURL(`${REMEDIATIONS}${id}/scenarios.ts`).href)).default;
  } catch (error) {
    return `functions/remediations/${id} cannot be loaded.\n${(error as Error).stack}`;
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
  const report = new LawReport(id, Object.keys(scenarios.scenarios), (line) => console.log(line));
  for await (const result of proveRemediation(scenarios)) report.add(result);
  return report.finish() ? 0 : 1;
}

function printMessage(message: string, code: number): number {
  (code === 0 ? console.log : console.error)(message);
  return code;
}
