/** Loads the scenarios of a remediation, and checks what the compiler would: a proof runs without it. */
import { dirname, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Remediation } from '../../functions/contract/remediation.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { factFaults, sharedControlFaults } from '../../stacks/remediation-facts.ts';
import { remediationIds } from '../../stacks/remediation-ids.ts';
import { compilerHint, loadErrorText } from '../load-error.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Returns the module's scenarios, or a message that says why they cannot be proven.
 * @param project the folder of the package that has the module
 */
export async function loadScenarios(id: string, file: string, project?: string): Promise<Scenarios | string> {
  const folder = relative(ROOT, dirname(file));
  let scenarios: Scenarios | undefined;
  try {
    scenarios = (await import(pathToFileURL(file).href)).default;
  } catch (error) {
    return `${folder} cannot be loaded.\n${loadErrorText(error as Error, project)}`;
  }
  const wrongShape = shapeFaults(scenarios);
  if (wrongShape) return `${folder} cannot be proven.\n${[...wrongShape, compilerHint(project)].join('\n')}`;
  const faults = await remediationFaults(id as Remediation['id'], scenarios!.remediation);
  return faults.length === 0 ? scenarios! : `${folder} cannot be proven.\n${faults.join('\n')}`;
}

const REMEDIATION_MEMBERS = [
  ...['id', 'title', 'risk', 'handles', 'target', 'params', 'state', 'reads', 'writes', 'clients'],
  ...['read', 'want', 'write', 'summary'],
];

/** Returns faults of members without which nothing else can be looked at; undefined if there are none. */
function shapeFaults(scenarios: Scenarios | undefined): string[] | undefined {
  if (!scenarios) return ['scenarios.ts has no default export. It needs: export default defineScenarios(…)'];
  const { remediation } = scenarios;
  if (!remediation) return ['index.ts has no default export. It needs: export default defineRemediation(…).by(…)'];
  const missing = [
    ...absent(REMEDIATION_MEMBERS, remediation).map((member) => `the remediation has no ${member}`),
    ...absent(['faulty', 'scenarios'], scenarios).map((member) => `scenarios.ts has no ${member}`),
    ...(remediation.handles && !remediation.handles.controls ? ['handles has no controls'] : []),
  ];
  return missing.length > 0 ? missing : undefined;
}

const absent = (members: readonly string[], object: object): string[] =>
  members.filter((member) => object[member as keyof object] === undefined);

async function remediationFaults(id: Remediation['id'], remediation: Remediation): Promise<string[]> {
  const wrongId =
    remediation.id === id ? [] : [`the id is "${remediation.id}", not that of its folder, "${id}": write id: '${id}'`];
  const facts = [...factFaults(remediation), ...sharedControlFaults({ ...remediation, id }, await others())];
  return [...wrongId, ...facts.map(([, message]) => message)];
}

/** Returns Suture's own remediations of the generated list that are still there. */
async function others() {
  const { DECLARATIONS } = await import('../../functions/remediations/declarations.generated.ts');
  const ids: readonly string[] = remediationIds();
  return DECLARATIONS.filter((each) => ids.includes(each.id));
}
