import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SuturePolicy } from '../../functions/domain/policy.ts';

export type AssemblyChanges = {
  readonly policy: SuturePolicy;
  readonly accounts: ReadonlyMap<string, string>;
  /** Regions in place of the context's: triage handles their findings, and the member roles work there. */
  readonly regions?: readonly string[];
};

/** Copies the templates with the changes, and links the assets. The caller must call `remove` afterwards. */
export async function copyAssembly(
  assembly: string,
  { policy, accounts, regions }: AssemblyChanges,
): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'suture-simulate-'));
  for (const entry of await readdir(assembly, { withFileTypes: true })) {
    const [from, to] = [join(assembly, entry.name), join(directory, entry.name)];
    if (entry.isFile() && entry.name.endsWith('.json'))
      await writeFile(
        to,
        withPolicy(withRegions(withAccounts(await readFile(from, 'utf8'), accounts), regions), policy),
      );
    else await symlink(from, to);
  }
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

const withAccounts = (text: string, accounts: ReadonlyMap<string, string>): string =>
  text.replace(/(?<![0-9a-f])\d{12}(?![0-9a-f])/g, (id) => accounts.get(id) ?? id);

/**
 * Replaces the Regions in triage's environment and in the member roles, which deny all others: in their template, and
 * in the StackSet, which contains the template as text.
 */
function withRegions(text: string, regions: readonly string[] | undefined): string {
  if (!regions) return text;
  return text
    .replace(/("REGIONS":\s*)"[^"]*"/g, (_, key) => key + JSON.stringify(regions.join(',')))
    .replace(/(?<=StringNotEquals\\?":\s*\{\s*(\\?")aws:RequestedRegion\\?":\s*\[)[^\]]*(?=\])/g, (_, quote) =>
      regions.map((region) => quote + region + quote).join(','),
    );
}

type Template = { Resources?: Record<string, { Type: string; Properties?: Record<string, unknown> }> };

/** Replaces the policy, which is the content of a hosted AppConfig configuration version. */
function withPolicy(text: string, policy: SuturePolicy): string {
  const template: Template = JSON.parse(text);
  const hosted = Object.values(template.Resources ?? {}).filter(
    ({ Type }) => Type === 'AWS::AppConfig::HostedConfigurationVersion',
  );
  if (hosted.length === 0) return text;
  for (const version of hosted) version.Properties = { ...version.Properties, Content: JSON.stringify(policy) };
  return JSON.stringify(template);
}
