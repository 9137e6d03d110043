import { afterEach, expect, it, vi } from 'vitest';
import type { CommandEntry } from '../../cli/command.ts';
import { defineCommand } from '../../cli/command.ts';
import { jsonOption } from '../../cli/options/standard.ts';
import { runSuture } from '../../cli/program.ts';

const LONG = 'a sentence that is longer than thirty columns';
const SAY: CommandEntry = {
  name: 'say',
  heading: 'Look',
  summary: 'say it',
  usage: '',
  load: async () => ({
    default: defineCommand({
      name: 'say',
      heading: 'Look',
      summary: 'say it',
      options: [jsonOption('a string')],
      run: async () => LONG,
    }),
  }),
};

const { columns } = process.stdout;
afterEach(() => {
  process.stdout.columns = columns;
  vi.restoreAllMocks();
});

async function outputOf(width: number, ...args: string[]): Promise<string> {
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  process.stdout.columns = width;
  await runSuture(['node', 'suture', 'say', ...args], [SAY]);
  return written.join('');
}

it('fits what a command prints to the terminal', async () => {
  expect(await outputOf(30)).toBe('a sentence that is longer than\n  thirty columns\n');
});

it('leaves JSON as it is, and everything for a pipe, which has no columns', async () => {
  expect(await outputOf(30, '--json')).toBe(`${LONG}\n`);
  expect(await outputOf(0)).toBe(`${LONG}\n`);
});
