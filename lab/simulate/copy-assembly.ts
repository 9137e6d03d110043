import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SuturePolicy } from '../../functions/domain/policy.ts';

export type AssemblyChanges = { readonly policy: SuturePolicy; readonly accounts: ReadonlyMap<string, string> };

/** Assets are linked. The caller must call `remove` afterwards. */
export async function copyAssembly(
  assembly: string,
  { policy, accounts }: AssemblyChanges,
): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'suture-simulate-'));
  for (const entry of await readdir(assembly, { withFileTypes: true })) {
    const [from, to] = [join(assembly, entry.name), join(directory, entry.name)];
    if (entry.isFile() && entry.name.endsWith('.json'))
      await writeFile(to, withPolicy(withAccounts(await readFile(from, 'utf8'), accounts), policy));
    else await symlink(from, to);
  }
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

const withAccounts = (text: string, accounts: ReadonlyMap<string, string>): string =>
  text.replace(/(?<![0-9a-f])\d{12}(?![0-9a-f])/g, (id) => accounts.get(id) ?? id);

type Template = { Resources?: Record<string, { Type: string; Properties?: Record<string, unknown> }> };

/** The policy is the content of a hosted AppConfig configuration version. */
function withPolicy(text: string, policy: SuturePolicy): string {
  const template: Template = JSON.parse(text);
  const hosted = Object.values(template.Resources ?? {}).filter(
    ({ Type }) => Type === 'AWS::AppConfig::HostedConfigurationVersion',
  );
  if (hosted.length === 0) return text;
  for (const version of hosted) version.Properties = { ...version.Properties, Content: JSON.stringify(policy) };
  return JSON.stringify(template);
}
