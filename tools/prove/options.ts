/** Checks the options of `npm run prove` before anything heavy is loaded. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseOptions } from '../../cli/options/parse-options.ts';
import { PackageError } from '../../stacks/packages/package-error.ts';
import { nearestIds, remediationIds } from '../../stacks/remediation-ids.ts';
import { type PackagedRemediation, packagedRemediations } from './packaged.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const REMEDIATIONS = join(ROOT, 'functions/remediations/');

const HELP = `npm run prove -- <service>/<verb-thing> [--verbose] [--watch] [--json]
npm run prove -- --list

The path of its folder is a name too.

Proves the laws of one remediation: what holds whatever AWS does, such as
"a rollback restores the whole organization as it was". Each law is proven in
every scenario, in the sandbox. It prints each law with its cases. A case is
a scenario, or, of a law about faults, a call or step of one that fails there;
scenarios in which the remediation makes the same calls share those cases. Of
"permissions", it is a declared action; of "controls", a control.

  --list      the names of all remediations
  --verbose   also list the scenarios
  --watch     prove again whenever a file of the remediation's service changes
  --json      one JSON object for each law and scenario, and a summary as the
              last line

Of a remediation in a package that cdk.json names, it also writes proof.json.
Synthesis refuses a package without it. What the laws cannot show is in
docs/security.md#proofs.

Exit codes: 0 every law holds; 1 a law is broken, or the module cannot be
loaded; 2 wrong arguments.`;

export type ProveOptions = {
  readonly id: string;
  /** The path of its scenarios. */
  readonly scenariosFile: string;
  readonly packaged?: PackagedRemediation;
  readonly watch: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
};
/** The answer to `--help` or to wrong arguments. */
export type ProveExit = { readonly message: string; readonly exitCode: number };

export async function proveOptions(args: readonly string[]): Promise<ProveOptions | ProveExit> {
  try {
    const { values, positionals } = parseOptions({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ list: { type: 'boolean' }, verbose: { type: 'boolean' }, watch: { type: 'boolean' } },
        ...{ json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      },
    });
    if (values.help) return { message: HELP, exitCode: 0 };
    if (values.list) return { message: allIds().join('\n'), exitCode: 0 };
    const [name, ...more] = positionals;
    if (!name || more.length > 0) return { message: `Name one remediation.\n\n${HELP}`, exitCode: 2 };
    const { watch = false, json = false, verbose = false } = values;
    const id = idOfPath(name);
    const scenariosFile = `${REMEDIATIONS}${id}/scenarios.ts`;
    if (existsSync(scenariosFile)) return { id, scenariosFile, watch, json, verbose };
    const packaged = packagedRemediations().find(({ module }) => module.id === id);
    if (!packaged) return { message: await unknownRemediation(id), exitCode: 2 };
    return { id, scenariosFile: packaged.module.scenarios, packaged, watch, json, verbose };
  } catch (error) {
    if (error instanceof PackageError) return { message: error.message, exitCode: 1 };
    return { message: `${(error as Error).message}\n\n${HELP}`, exitCode: 2 };
  }
}

/** Returns the id of a remediation that is named by the path of its folder, or of a file in it; other names unchanged. */
function idOfPath(name: string): string {
  const path = name.replaceAll('\\', '/').replace(/\/+$/, '');
  const folder = /(?:^|\/)remediations\/([^/]+\/[^/]+)(?:\/[^/]+\.\w+)?$/.exec(path)?.[1];
  return folder ?? path.replace(/^\.\//, '');
}

const allIds = (): string[] => [...remediationIds(), ...packagedRemediations().map(({ module }) => module.id)];

/** Also recognizes a control, because that is what people know. */
async function unknownRemediation(id: string): Promise<string> {
  const { DECLARATIONS } = await import('../../functions/remediations/declarations.generated.ts');
  const closing = DECLARATIONS.find(({ handles: { controls } }) =>
    controls.some((control) => control.toLowerCase() === id.toLowerCase()),
  );
  if (closing) return `${id} is a control. Its remediation is ${closing.id}:\n  npm run prove -- ${closing.id}`;
  const near = nearestIds(id, allIds());
  const hint = near.length > 0 ? `Did you mean:\n${near.map((each) => `  ${each}`).join('\n')}\n` : '';
  return `No remediation is named "${id}". ${hint}All names: npm run prove -- --list`;
}
