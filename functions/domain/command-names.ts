/** How texts name commands and pages: as typed with the installed tool. Pure. */

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

/** Begins commands in texts that older versions stored. The repository's own commands keep it. */
const OF_OLDER_VERSION = new RegExp(`npm run -s suture -- (?!(?:${REPOSITORY_COMMANDS.join('|')})\\b)`, 'g');
const POINTER = new RegExp(`(?<![\\w/.-])docs/(${OPERATOR_PAGES.join('|')})[.]md(#[\\w-]*\\w)?`, 'g');

/** Names commands as the installed tool takes them, and pages by the command that prints them. */
export const withCommandsTyped = (text: string): string =>
  text
    .replaceAll(OF_OLDER_VERSION, 'suture ')
    .replaceAll(POINTER, (_, page: OperatorPage, section = '') => `suture docs ${pageName(page)}${section}`);

/** Returns the page's name without its folder. */
export const pageName = (page: OperatorPage): string => page.slice(page.lastIndexOf('/') + 1);
