import { OPERATOR_PAGES, pageName } from '../../functions/domain/command-names.ts';
import { type CommandResult, defineCommand } from '../command.ts';
import { findPage, PAGE_SUMMARIES, readPage } from '../docs/operator-pages.ts';
import { pageText } from '../docs/page-text.ts';
import { sectionsOf } from '../docs/sections.ts';
import { jsonOption } from '../options/standard.ts';

export type DocsOptions = { readonly json?: boolean };

export default defineCommand<DocsOptions, [name?: string]>({
  name: 'docs',
  heading: 'Look',
  summary: "print the operators' pages: the runbook, errors, every key of policy",
  arguments: [
    { name: '[page]', text: 'a page, or one section of it: runbook#at-three-in-the-morning; without it, the list' },
  ],
  options: [
    jsonOption('a JSON array of the pages: page, summary, sections; with a page, one object: page, section, markdown'),
  ],
  notes: `
The pages are those of this version, and need no network. Where a text names a section, such as suture docs runbook#api-errors,
that is the command to type. An alarm's whole name finds its article: suture docs runbook#suture-report-throttled. Lines fit the
terminal, also in a pager: suture docs runbook | less`.trim(),
  examples: ['suture docs', 'suture docs runbook#at-three-in-the-morning', 'suture docs errors | less'],
  run: async ({ json }, name) => (json ? docsJson(name) : docsCommand(name)),
});

/** @throws UsageError if no page or section has this name */
export async function docsCommand(name?: string, width = readerWidth()): Promise<CommandResult> {
  if (name === undefined) return { text: pageList(), failed: false };
  const { page, markdown } = await findPage(name);
  return { text: pageText(markdown, `docs/${page}.md`, width), failed: false, fitted: true };
}

/** @throws UsageError if no page or section has this name */
export async function docsJson(name?: string): Promise<CommandResult> {
  const answer = name === undefined ? await pageEntries() : await pageAnswer(name);
  return { text: JSON.stringify(answer, null, 2), failed: false };
}

const pageEntries = () =>
  Promise.all(
    OPERATOR_PAGES.map(async (page) => ({
      page: pageName(page),
      summary: PAGE_SUMMARIES[page],
      sections: sectionsOf(await readPage(page)),
    })),
  );

async function pageAnswer(name: string) {
  const { page, section = null, markdown } = await findPage(name);
  return { page: pageName(page), section, markdown };
}

/** Returns the width of the terminal; before a pager, the one of standard error. Without a terminal, lines are not wrapped. */
const readerWidth = (): number => process.stdout.columns || process.stderr.columns || Number.POSITIVE_INFINITY;

function pageList(): string {
  const names = OPERATOR_PAGES.map(pageName);
  const column = Math.max(...names.map(({ length }) => length)) + 2;
  return [
    ...OPERATOR_PAGES.map((page, n) => `${names[n]!.padEnd(column)}${PAGE_SUMMARIES[page]}`),
    '',
    'A page:      suture docs runbook',
    'One section: suture docs runbook#at-three-in-the-morning',
  ].join('\n');
}
