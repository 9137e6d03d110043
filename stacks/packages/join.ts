import { readFileSync } from 'node:fs';

/**
 * Adds the remediations of the packages that cdk.json names to the registry of this process. Call it before the first
 * import of the registry. Without such packages, it changes and loads nothing.
 */
export async function joinPackages(): Promise<void> {
  const given = packagesNamed();
  if (given.length === 0) return;
  const { hookPackages } = await import('./hooks.ts');
  const { findPackages } = await import('./remediation-package.ts');
  hookPackages(() => findPackages(given));
}

/** Returns the names and folders of `context.suture.remediations`. A faulty cdk.json has none: others report it. */
export function packagesNamed(): string[] {
  try {
    const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
    const named: unknown = context?.suture?.remediations;
    return Array.isArray(named) ? named.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}
