import { readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import type { CommandEntry } from '../../cli/command.ts';
import { COMMANDS } from '../../cli/commands.generated.ts';
import { cliCommands } from '../../tools/generators/cli-commands.ts';

type Command = { readonly file: string; readonly entry: Extract<CommandEntry, { readonly usage: string }> };

function commandsOf(entries: readonly CommandEntry[], folder: string): Command[] {
  return entries.flatMap((entry) =>
    'commands' in entry
      ? commandsOf(entry.commands, `${folder}/${entry.name}`)
      : [{ file: `${folder}/${entry.name}.ts`, entry }],
  );
}
const commands = commandsOf(COMMANDS, 'cli/commands');

describe('cli/commands.generated.ts', () => {
  it('is what the files on disk say', async () => {
    for (const [path, text] of await cliCommands()) expect(readFileSync(path, 'utf8')).toBe(text);
  });
  it.each(commands.map(({ file, entry }) => [file, entry] as const))('loads %s', async (_, entry) => {
    const { default: definition } = await entry.load();
    expect(definition).toMatchObject({ name: entry.name, summary: entry.summary });
  });
});

describe('the file of a command', () => {
  it.each(commands.map(({ file }) => file))('%s loads no package before it runs', (file) => {
    const packages = [...specifiersReachedFrom(file)].filter((name) => !name.startsWith('node:'));
    expect(packages.filter((name) => name !== 'commander')).toEqual([]);
  });
});

/** Loading a file loads neither its `import type`s nor its `import()`s. */
function specifiersReachedFrom(file: string, files = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  files.add(file);
  if (!file.endsWith('.ts')) return packages;
  const statements = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b(?! type\b)([^'"`;]*?)from '([^']+)'/gm);
  for (const [, names = '', specifier = ''] of statements) {
    if (/^ \{[^}]*\} $/.test(names) && names.split(',').every((name) => !name.trim() || /\btype /.test(name))) continue;
    if (!specifier.startsWith('.')) packages.add(specifier);
    else if (!files.has(join(file, '..', specifier)))
      for (const each of specifiersReachedFrom(join(file, '..', specifier), files)) packages.add(each);
  }
  return packages;
}
