/** How texts name commands: as typed in a clone of the repository, or as typed with the installed tool. Pure. */

/** Commands that read `cdk.json`, the synthesized stacks or the sandbox: the installed tool does not have them. */
export const REPOSITORY_COMMANDS = ['member-template', 'rollout', 'simulate'] as const;

/** Not a literal: the bundle of the command line would replace it. */
const IN_CLONE = ['npm', 'run', '-s', 'suture', '-- '].join(' ');
const OF_INSTALLED_TOOL = new RegExp(`${IN_CLONE}(?!(?:${REPOSITORY_COMMANDS.join('|')})\\b)`, 'g');

/** @param typed how a command begins where a person reads the text; commands of the repository keep their own form */
export const withCommandsTyped = (text: string, typed = 'suture '): string => text.replaceAll(OF_INSTALLED_TOOL, typed);
