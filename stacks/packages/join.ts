import { readFileSync } from 'node:fs';

/**
 * Adds the remediations of the packages that cdk.json names to the registry of this process. Call it before the first
 * import of the registry. Without such packages, it changes and loads nothing.
 */
export async function joinPackages(): Promise<void> {
  const packages = configuredPackages();
  if (packages.length === 0) return;
  const { hookPackages } = await import('./hooks.ts');
  const { findPackages } = await import('./remediation-package.ts');
  hookPackages(() => findPackages(packages));
}

/** Returns `context.suture.remediations` of cdk.json: names and folders of packages. Others report a faulty cdk.json. */
export function configuredPackages(): string[] {
  try {
    const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
    const packages: unknown = context?.suture?.remediations;
    return Array.isArray(packages) ? packages.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}
