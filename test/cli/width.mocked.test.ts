/** A terminal of 80 columns, as far as commands write to it beside their result. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type CommandDefinition, type CommandEntry, defineCommand } from '../../cli/command.ts';
import { UsageError } from '../../cli/errors/usage-error.ts';
import { confirm } from '../../cli/output/confirm.ts';
import { runSuture } from '../../cli/program.ts';

const WIDTH = 80;
const ROLE = 'arn:aws:sts::222222222222:assumed-role/suture-operator/ada.lovelace';
const ASKED: string[] = [];

vi.mock('../../cli/output/ask.ts', () => ({
  ask: async (question: string) => {
    ASKED.push(question);
    return 'y';
  },
}));
vi.mock('../../cli/session.ts', () => ({
  beginSession: async () => ({}),
  sessionText: async () => `Suture "production" in account 222222222222, us-east-1; you are ${ROLE}.`,
}));

const WRITTEN: string[] = [];
beforeEach(() => {
  ASKED.length = WRITTEN.length = 0;
  vi.spyOn(console, 'error').mockImplementation((text: string) => void WRITTEN.push(...text.split('\n')));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => WRITTEN.push(...String(text).split('\n')) > 0);
  for (const stream of [process.stdin, process.stderr, process.stdout])
    for (const [name, value] of Object.entries({ columns: WIDTH, isTTY: true }))
      Object.defineProperty(stream, name, { value, configurable: true });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
  for (const stream of [process.stdin, process.stderr, process.stdout])
    for (const name of ['columns', 'isTTY']) Reflect.deleteProperty(stream, name);
});

const runWith = (run: CommandDefinition['run'], ...args: readonly string[]): Promise<void> => {
  const options = [
    { flags: '-o, --output <format>', text: 'a form', choices: ['wide', 'json', 'jsonl', 'csv', 'name'] },
  ];
  const definition = defineCommand<any>({ name: 'try', summary: 's', access: 'a', writes: true, options, run });
  const entry: CommandEntry = { name: 'try', summary: 's', usage: '', load: async () => ({ default: definition }) };
  return runSuture([process.execPath, 'suture', 'try', ...args], [entry]);
};
const expectWordsIn = (text: string) => {
  const lines = WRITTEN.filter((line) => line !== '');
  expect(lines.filter((line) => line.length > WIDTH)).toEqual([]);
  expect(lines.map((line) => line.trim()).join(' ')).toContain(text);
};

it('has the first line of a command that writes', async () => {
  await runWith(async ({ announce }) => {
    await announce?.();
    return '';
  });
  expectWordsIn(`us-east-1; you are ${ROLE}.`);
  expect(WRITTEN.length).toBeGreaterThan(1);
});

it('has progress, and what is shown before a question', async () => {
  const text = 'It waits for the executions that are still running, and then for those of their accounts.';
  await runWith(async ({ progress, show }) => {
    progress?.(text);
    show?.(`  ${text}`);
    return '';
  });
  expectWordsIn(text);
});

it('has a question with its answers', async () => {
  const question = `Undo the last change of 17 findings in account shop-production, as ${ROLE}, and leave them alone from then on?`;
  await confirm(question, { refusal: 'Nothing was changed.' });
  expect(ASKED.flatMap((text) => text.split('\n')).filter((line) => line.length > WIDTH)).toEqual([]);
  expect(ASKED.join('').replaceAll(/\s+/g, ' ').trim()).toBe(`${question} [y/N]`);
});

it('has an error of a command, and a wrong option with what it may be', async () => {
  const message = `There is no policy in the account 222222222222: ${ROLE} may read it elsewhere.`;
  await runWith(() => Promise.reject(new UsageError(message)));
  expectWordsIn(message);
  WRITTEN.length = 0;
  await runWith(async () => '', '--output', 'yaml');
  expectWordsIn('Allowed choices are wide, json, jsonl, csv, name.');
});
