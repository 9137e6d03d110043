/** The pages in `docs/` that the command line prints. The package has them beside its modules. */
import { readFile } from 'node:fs/promises';
import { OPERATOR_PAGES, type OperatorPage, pageName } from '../../functions/domain/command-names.ts';
import { likeliest, suggestion } from '../../functions/domain/nearest.ts';
import { UsageError } from '../errors/usage-error.ts';
import { articleOfAlarm } from './alarm-article.ts';
import { anchorOf, sectionOf, sectionsOf } from './sections.ts';

export const PAGE_SUMMARIES: Readonly<Record<OperatorPage, string>> = {
  operate: 'the daily work: approve, stop, look, replay, undo',
  runbook: 'an article for each alarm, and what to do in which order',
  'reference/errors': 'each error of an execution: what it means, and what to do',
  policy: 'every key of policy.yaml',
  messages: 'chats, tickets and mail: places, tests, what each one needs',
  'ip-ranges': 'the updater of address ranges',
  deploy: 'the stacks in order, the first week, delegations, rollouts',
  upgrade: 'newer versions, and what waits meanwhile',
  uninstall: 'how to leave, and what is kept',
  security: 'roles of people, permissions, what attackers can and cannot do',
  glossary: "Suture's own terms",
};

/** The same path from this file in the repository and from a module of the package. */
const FOLDER = new URL('../../docs/', import.meta.url);

export const readPage = (page: OperatorPage): Promise<string> => readFile(new URL(`${page}.md`, FOLDER), 'utf8');

export type FoundPage = {
  readonly page: OperatorPage;
  /** Absent for the whole page. */
  readonly section?: string;
  readonly markdown: string;
};

/**
 * Returns the page, or one section of it with its subsections.
 *
 * @param name as a person types it or copies it from a text: `runbook`, `runbook#messages-dlq`, `docs/runbook.md`
 * @throws UsageError with the nearest names, and with all of them
 */
export async function findPage(name: string): Promise<FoundPage> {
  const [path = '', section] = name.split('#');
  const pagePath = path.replace(/^(\.\/)?docs\//, '').replace(/\.md$/, '');
  const page = OPERATOR_PAGES.find((each) => each === pagePath || pageName(each) === pagePath.toLowerCase());
  if (!page) throw new UsageError(await unknownPageText(pagePath));
  const markdown = await readPage(page);
  if (!section) return { page, markdown };
  const found =
    sectionOf(markdown, section) ?? sectionOf(markdown, anchorOf(section)) ?? articleIn(page, markdown, section);
  if (found === undefined) throw new UsageError(unknownSectionText(page, section, markdown));
  return { page, section, markdown: found };
}

/** Returns the article of an alarm, which `status` prints with its whole name. */
function articleIn(page: OperatorPage, markdown: string, alarm: string): string | undefined {
  const article = page === 'runbook' ? articleOfAlarm(alarm, sectionsOf(markdown)) : undefined;
  return article === undefined ? undefined : sectionOf(markdown, article);
}

async function unknownPageText(name: string): Promise<string> {
  const names = OPERATOR_PAGES.map(pageName);
  const places = await sectionsNamed(name);
  const advice =
    places.length > 0 ? `; it is a section: ${places.map(commandOf).join(', ')}.` : suggestion(name, names) || '.';
  return `There is no page "${name}"${advice} The pages: ${names.join(', ')}.`;
}

/** Returns the places of a section, also by the name of its alarm. */
async function sectionsNamed(name: string): Promise<string[]> {
  const found: string[] = [];
  for (const page of OPERATOR_PAGES)
    if (sectionsOf(await readPage(page)).includes(name)) found.push(`${pageName(page)}#${name}`);
  if (found.length > 0) return found;
  const article = articleOfAlarm(name, sectionsOf(await readPage('runbook')));
  return article === undefined ? [] : [`runbook#${article}`];
}

const commandOf = (place: string): string => `suture docs ${place}`;

function unknownSectionText(page: OperatorPage, section: string, markdown: string): string {
  const sections = sectionsOf(markdown);
  const near = suggestion(section, sections) || likelyText(containing(section, sections));
  return `${pageName(page)} has no section "${section}"${near} Its sections: ${sections.join(', ')}.`;
}

/** Returns the likeliest sections, if any contains the name. Short names, those of chapters, resemble everything. */
const containing = (name: string, sections: readonly string[]): string[] =>
  likeliest(name, sections).filter((each) => each.includes(name.toLowerCase()));

const likelyText = (names: readonly string[]): string =>
  names.length > 0 ? `; did you mean ${names.join(', ')}?` : '.';
