/** Checks the options of `npm run prove` before anything heavy is loaded. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { suggestion } from '../../functions/domain/nearest.ts';
import { PackageError } from '../../stacks/packages/package-error.ts';
import { remediationIds } from '../../stacks/remediation-ids.ts';
import { type PackagedRemediation, packagedRemediations } from './packaged.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const REMEDIATIONS = join(ROOT, 'functions/remediations/');

const HELP = `npm run prove -- <service>/<verb-thing> [--watch] [--json]

Proves each law in each scenario of one remediation, and those about all of its scenarios.

  --watch   proves again whenever a file of the remediation's service changes
  --json    prints one JSON object for each law and scenario, and a summary as the last line

For a remediation of a package that cdk.json names, it also writes proof.json. Synthesis refuses a package without it.

Exit codes: 0 when every law holds, 1 when a law is broken or the module cannot be loaded, 2 for wrong arguments.`;

export type ProveOptions = {
  readonly id: string;
  /** The path of its scenarios. */
  readonly scenariosFile: string;
  readonly packaged?: PackagedRemediation;
  readonly watch: boolean;
  readonly json: boolean;
};
/** The answer to `--help` or to wrong arguments. */
export type ProveExit = { readonly message: string; readonly exitCode: number };

export function proveOptions(args: readonly string[]): ProveOptions | ProveExit {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { watch: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) return { message: HELP, exitCode: 0 };
    const [id, ...more] = positionals;
    if (!id || more.length > 0) return { message: `Name one remediation.\n\n${HELP}`, exitCode: 2 };
    const { watch = false, json = false } = values;
    const scenariosFile = `${REMEDIATIONS}${id}/scenarios.ts`;
    if (existsSync(scenariosFile)) return { id, scenariosFile, watch, json };
    const packaged = packagedRemediations().find(({ module }) => module.id === id);
    if (!packaged) return { message: unknownRemediation(id), exitCode: 2 };
    return { id, scenariosFile: packaged.module.scenarios, packaged, watch, json };
  } catch (error) {
    if (error instanceof PackageError) return { message: error.message, exitCode: 1 };
    return { message: `${(error as Error).message}\n\n${HELP}`, exitCode: 2 };
  }
}

function unknownRemediation(id: string): string {
  const ids = [...remediationIds(), ...packagedRemediations().map(({ module }) => module.id)];
  const hint = suggestion(id, ids);
  return `No remediation is named "${id}"${hint || `. There are: ${ids.join(', ')}.`}`;
}
