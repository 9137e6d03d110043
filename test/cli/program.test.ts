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

const GROUP: CommandEntry = { name: 'policy', heading: 'Policy', summary: 'the policy', commands: [SAY] };

async function endOf(...args: string[]) {
  const text = { out: '', error: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((each) => {
    text.out += each;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((each) => {
    text.error += each;
    return true;
  });
  const before = process.exitCode;
  process.exitCode = undefined;
  await runSuture(['node', 'suture', ...args], [SAY, GROUP]);
  const code = process.exitCode ?? 0;
  process.exitCode = before;
  return { code, ...text };
}

it.each([[], ['policy']])('prints help, and ends with 0, where the command is missing: %j', async (...args) => {
  const { code, out, error } = await endOf(...args);
  expect({ code, error }).toEqual({ code: 0, error: '' });
  expect(out).toMatch(/^Usage: suture .*\n(.|\n)* say /);
});

it('names the help, and the nearest command, for an unknown one', async () => {
  expect(await endOf('frobnicate')).toEqual({
    ...{ code: 2, out: '' },
    error: expect.stringMatching(/^error: unknown command 'frobnicate'\n\n?All commands: suture --help\n$/),
  });
  expect((await endOf('sai')).error).toMatch(/unknown command 'sai'\n\(Did you mean say\?\)\n\n?All commands/);
  expect((await endOf('policy', 'frobnicate')).error).toMatch(/\n\n?Its commands: suture policy --help\n$/);
});
