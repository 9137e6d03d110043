import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands.generated.ts';
import { SIMULATE_ENTRY } from '../../lab/simulate/entry.ts';

const NAMES = new Set([
  SIMULATE_ENTRY.name,
  ...COMMANDS.flatMap((entry) =>
    'commands' in entry ? entry.commands.map(({ name }) => `${entry.name} ${name}`) : [entry.name],
  ),
]);
const GROUPS = new Set(COMMANDS.flatMap((entry) => ('commands' in entry ? [entry.name] : [])));

const MENTION =
  /(?:npm run -s suture --|[`\n]suture)(?: --(?:profile|as|home-region|installation) [\w-]+)* ([\w-]+)(?: ([\w-]+))?/g;

it.each([
  'README.md',
  'cli/README.md',
  'docs/architecture.md',
  'docs/deploy.md',
  'docs/ip-ranges.md',
  'docs/operate.md',
  'docs/policy.md',
  'docs/runbook.md',
  'docs/try.md',
  'docs/upgrade.md',
])('%s names only commands that exist', async (page) => {
  const lines = [...(await readFile(page, 'utf8')).matchAll(MENTION)];
  const names = lines.map(([, first, second]) => (GROUPS.has(first!) ? `${first} ${second}` : first!));
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !NAMES.has(name))).toEqual([]);
});
