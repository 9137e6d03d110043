/** The commands that the pages name exist. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands.generated.ts';

/** `simulate` is added by bin/suture.ts. */
const NAMES = new Set([
  'simulate',
  ...COMMANDS.flatMap((entry) =>
    'commands' in entry ? entry.commands.map(({ name }) => `${entry.name} ${name}`) : [entry.name],
  ),
]);
const GROUPS = new Set(COMMANDS.flatMap((entry) => ('commands' in entry ? [entry.name] : [])));

const MENTION = /(?:npm run -s suture --|`suture) ([\w-]+)(?: ([\w-]+))?/g;

it.each(['README.md', 'docs/first-week.md', 'docs/policy.md', 'docs/runbook.md'])(
  '%s names only commands that exist',
  async (page) => {
    const lines = [...(await readFile(page, 'utf8')).matchAll(MENTION)];
    const names = lines.map(([, first, second]) => (GROUPS.has(first!) ? `${first} ${second}` : first!));
    expect(names.length).toBeGreaterThan(2);
    expect(names.filter((name) => !NAMES.has(name))).toEqual([]);
  },
);
