/** The options of `npm run prove`, which are checked before anything heavy is loaded. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { suggestion } from '../../functions/domain/nearest.ts';
import { PackageError } from '../../stacks/packages/package-error.ts';
import { remediationIds } from '../../stacks/remediation-ids.ts';
import { type Packaged, packagedRemediations } from './packaged.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const REMEDIATIONS = join(ROOT, 'functions/remediations/');

const HELP = `npm run prove -- <service>/<verb-thing> [--watch] [--json]

Proves each law in each scenario of one remediation, and those about all of its scenarios.

  --watch   proves again whenever a file of the remediation's service changes
  --json    prints one JSON object for each law and scenario, and a summary as the last line

Of a remediation of a package that cdk.json names, it also writes proof.json, without which synthesis refuses it.

Exit codes: 0 when every law holds, 1 when a law is broken or the module cannot be loaded, 2 for wrong arguments.`;

export type ProveOptions = {
  readonly id: string;
  /** That of its scenarios. */
  readonly file: string;
  readonly packaged?: Packaged;
  readonly watch: boolean;
  readonly json: boolean;
};
export type ProveStop = { readonly message: string; readonly code: number };

export function proveOptions(args: readonly string[]): ProveOptions | ProveStop {
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
