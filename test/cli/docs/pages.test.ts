import { globSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { docsCommand, docsJson } from '../../../cli/commands/docs.ts';
import { findPage, PAGE_SUMMARIES, readPage } from '../../../cli/docs/operator-pages.ts';
import { pageText } from '../../../cli/docs/page-text.ts';
import { sectionOf, sectionsOf } from '../../../cli/docs/sections.ts';
import { wrapOutput } from '../../../cli/output/paragraphs.ts';
import { OPERATOR_PAGES, pageName, withCommandsTyped } from '../../../functions/domain/command-names.ts';

const WIDTH = 80;
const textOf = async (name: string, width = WIDTH): Promise<string> =>
  stripVTControlCharacters(((await docsCommand(name, width)) as { text: string }).text);
const linesOf = async (name: string): Promise<string[]> => (await textOf(name)).split('\n');

const isResolved = (pointer: string): Promise<boolean> =>
  findPage(pointer).then(
    () => true,
    () => false,
  );
const unresolved = async (pointers: readonly string[]): Promise<string[]> => {
  const checked = await Promise.all(pointers.map(async (each) => ((await isResolved(each)) ? [] : [each])));
  return checked.flat();
};

describe('suture docs --json', () => {
  const json = async (name?: string) => JSON.parse((await docsJson(name)).text);
  it('lists every page with its summary and its sections', async () => {
    const pages = await json();
    expect(pages.map(({ page }: { page: string }) => page)).toEqual(OPERATOR_PAGES.map(pageName));
    const runbook = pages.find(({ page }: { page: string }) => page === 'runbook');
    expect(runbook).toMatchObject({ summary: PAGE_SUMMARIES.runbook });
    expect(runbook.sections).toContain('at-three-in-the-morning');
  });
  it('has the Markdown of a page, or of one section', async () => {
    expect(await json('runbook')).toEqual({ page: 'runbook', section: null, markdown: await readPage('runbook') });
    const section = await json('runbook#at-three-in-the-morning');
    expect(section).toMatchObject({ page: 'runbook', section: 'at-three-in-the-morning' });
    expect(section.markdown).toMatch(/^#+ At three in the morning/);
    await expect(docsJson('runbok')).rejects.toThrow('did you mean runbook');
  });
});

describe('a pointer to a page', () => {
  const SOURCES = globSync('{cli,functions,ip-ranges}/**/*.ts', {
    exclude: ['cli/dist/**', 'cli/docs/inline-text.ts'],
  });
  const texts = SOURCES.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(\*|\/\*|\/\/)/.test(line)),
  ).join('\n');
  const pointers = [...texts.matchAll(/(?<!\/)\bdocs\/([\w/-]+\.md(?:#[\w-]*\w)?)/g)].map(([whole]) => whole);
  it('in a text of the command line or of a function leads to a page and section of the package', async () => {
    expect(new Set(pointers).size).toBeGreaterThan(15);
    expect(await unresolved(pointers)).toEqual([]);
  });
  it.each(OPERATOR_PAGES)('in the printed page %s leads to a page and section of the package', async (page) => {
    const printed = withCommandsTyped(await textOf(page, Number.POSITIVE_INFINITY));
    expect(printed).not.toMatch(/\]\((?!\?)[^)\s]+\)|<!--|<a id/);
    const commands = [...printed.matchAll(/\bsuture docs ([a-z-]+(?:#[\w-]*\w)?)/g)].map(([, name]) => name!);
    expect(await unresolved(commands)).toEqual([]);
  });
  it('is named by the command that prints it, unless the reader has a clone', () => {
    const text =
      'Look first (docs/runbook.md#api-errors), docs/reference/errors.md. Not ./docs/runbook.md, docs/try.md.';
    expect(withCommandsTyped(text)).toBe(
      'Look first (suture docs runbook#api-errors), suture docs errors. Not ./docs/runbook.md, docs/try.md.',
    );
  });
  it('stays in one line as a command', () => {
    const lines = wrapOutput(`${'word '.repeat(11)}and this: (suture docs upgrade#a-role-that-is-too-old)`, 80).split(
      '\n',
    );
    expect(lines.filter((line) => line.includes('suture docs upgrade#a-role-that-is-too-old'))).toHaveLength(1);
  });
});

describe('a printed page', () => {
  it.each(OPERATOR_PAGES)('%s fits 80 columns: only code, links and whole commands are longer', async (page) => {
    const code = new Set((await readPage(page)).split('\n').map((line) => line.trim()));
    const long = (await linesOf(page)).filter((line) => line.length > WIDTH && !code.has(line.trim()));
    const broken = long.filter((line) => !/^\s*[^\s`]*(`[^`]*`|\S+)[^\s`]*$/.test(line));
    expect(broken).toEqual([]);
  });
  it('has every word of the page', async () => {
    const words = (text: string) => text.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').split(' ');
    const printed = words(await textOf('glossary', Number.POSITIVE_INFINITY));
    for (const word of words((await readPage('glossary')).replaceAll(/\]\([^)]*\)|<[^>]*>/g, ' ')))
      expect(printed).toContain(word);
  });
  it('keeps code as it stands, to copy', () => {
    const page = ['1. Do:', '', '   ```sh', '   suture stop \\', '     --reason "…"', '   ```'].join('\n');
    expect(pageText(page, 'docs/operate.md', 20)).toBe('1. Do:\n\nsuture stop \\\n  --reason "…"');
  });
  it('does not break code within a sentence', () => {
    expect(pageText('Wait, then run `suture replay --failed` again.', 'docs/operate.md', 32)).toBe(
      'Wait, then run\n`suture replay --failed` again.',
    );
  });
  it('hangs list items, and has a narrow table as paragraphs', () => {
    expect(pageText('- one two three\n- four', 'docs/operate.md', 10)).toBe('- one two\n  three\n- four');
    const table = '| error | meaning |\n| --- | --- |\n| `Throttled` | AWS was busy; it is tried again twenty times |';
    expect(pageText(table, 'docs/operate.md', 80)).toBe(
      'error        meaning\n`Throttled`  AWS was busy; it is tried again twenty times',
    );
    expect(pageText(table, 'docs/operate.md', 30)).toBe(
      '`Throttled`\n  AWS was busy; it is tried\n    again twenty times',
    );
  });
  it('has its links as what a person can open', () => {
    const text = (markdown: string) => pageText(markdown, 'docs/runbook.md', 200);
    expect(text('See [who may](./security.md#people).')).toBe('See who may (docs/security.md#people).');
    expect(text('See [errors](./reference/errors.md).')).toBe('See errors (docs/reference/errors.md).');
    expect(text('See [api-errors](#api-errors).')).toBe('See docs/runbook.md#api-errors.');
    expect(text('See [AWS](https://aws.example).')).toBe('See AWS (https://aws.example).');
    expect(text('See [`plan.ts`](../functions/domain/plan.ts).')).toBe('See functions/domain/plan.ts.');
    expect(text('See [options](./reference/cli.md).')).toBe('See options (suture <command> --help).');
  });
});

describe('a section', () => {
  it('ends where the next of its level begins, and has its subsections', () => {
    const page = '# A\n\none\n\n## B\n\n```sh\n# no heading\n```\n\n### C\n\ntwo\n\n## D\n\nthree';
    expect(sectionOf(page, 'b')).toBe('## B\n\n```sh\n# no heading\n```\n\n### C\n\ntwo');
    expect(sectionsOf(page)).toEqual(['a', 'b', 'c', 'd']);
    expect(sectionOf(page, 'e')).toBeUndefined();
  });
  it('is found by a link of its own within a page, and by its heading', async () => {
    expect(await textOf('deploy#data-events')).toMatch(/^\S*Reads and writes of the ledger/);
    expect(await textOf('docs/operate.md#Install and sign in')).toMatch(/^## Install and sign in\n/);
  });
});

describe('a page or section that is not there', () => {
  it.each([
    ['runbok', /no page "runbok"; did you mean runbook\? The pages: operate, runbook, errors/],
    ['nothing-like-it', /no page "nothing-like-it"\. The pages: operate/],
    ['api-errors', /no page "api-errors"; it is a section: .*docs runbook#api-errors\. The pages/],
    ['suture-staging-api-errors', /; it is a section: .*docs runbook#api-errors\./],
    ['runbook#api-erors', /runbook has no section "api-erors"; did you mean api-errors\? Its sections: runbook, /],
  ])('%s is refused with the nearest names and all of them', async (name, text) => {
    await expect(docsCommand(name)).rejects.toMatchObject({ name: 'UsageError', message: expect.stringMatching(text) });
  });
});

it('without a page, there is a line for each within 80 columns', async () => {
  const lines = ((await docsCommand()) as { text: string }).text.split('\n');
  expect(lines.slice(0, OPERATOR_PAGES.length)).toEqual(
    OPERATOR_PAGES.map((page) => expect.stringMatching(new RegExp(`^${pageName(page)} +\\S.*`))),
  );
  expect(Object.keys(PAGE_SUMMARIES)).toHaveLength(OPERATOR_PAGES.length);
  expect(lines.filter((line) => line.length > WIDTH)).toEqual([]);
});
