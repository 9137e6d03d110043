/** How texts name commands and pages: as in a clone of the repository, or as typed with the installed tool. Pure. */

/** Commands that read `cdk.json`, the synthesized stacks or the sandbox: the installed tool does not have them. */
export const REPOSITORY_COMMANDS = ['member-template', 'rollout', 'simulate'] as const;

/**
 * The pages in `docs/` that an operator needs, which the installed tool brings along, without the ending of their names.
 * The others are for people with a clone: how Suture is built, proven and tried, and tables that commands print.
 */
export const OPERATOR_PAGES = [
  'operate',
  'runbook',
  'reference/errors',
  'policy',
  'messages',
  'ip-ranges',
  'deploy',
  'upgrade',
  'uninstall',
  'security',
  'glossary',
] as const;
export type OperatorPage = (typeof OPERATOR_PAGES)[number];

/** Not a literal: the bundle of the command line would replace it. */
const IN_CLONE = ['npm', 'run', '-s', 'suture', '-- '].join(' ');
const OF_INSTALLED_TOOL = new RegExp(`${IN_CLONE}(?!(?:${REPOSITORY_COMMANDS.join('|')})\\b)`, 'g');
const POINTER = new RegExp(`(?<![\\w/.-])docs/(${OPERATOR_PAGES.join('|')})[.]md(#[\\w-]*\\w)?`, 'g');

/**
 * Also names pages by the command that prints them, unless the reader has a clone.
 *
 * @param typed how a command begins where a person reads the text; commands of the repository keep their own form
 */
export function withCommandsTyped(text: string, typed = 'suture '): string {
  const named = text.replaceAll(OF_INSTALLED_TOOL, typed);
  if (typed === IN_CLONE) return named;
  return named.replaceAll(POINTER, (_, page: OperatorPage, section = '') => `${typed}docs ${pageName(page)}${section}`);
}

/** Returns the page's name without its folder. */
export const pageName = (page: OperatorPage): string => page.slice(page.lastIndexOf('/') + 1);
