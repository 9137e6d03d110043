/** The command line does not import the lab, so `bin/suture.ts` adds this command. */
import type { CommandEntry } from '../../cli/command.ts';

export const SIMULATE_ENTRY: CommandEntry = {
  name: 'simulate',
  heading: 'Look',
  usage: '[options] <file...>',
  summary: 'show what would happen to findings, by running them through the deployed stacks in a sandbox',
  load: () => import('./command.ts'),
};
