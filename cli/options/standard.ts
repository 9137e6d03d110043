import type { CommandArgument, CommandOption } from '../command.ts';
import { parseWholeNumber } from './whole-number.ts';

export const TIME_FORMS = '90m, 2h, 7d, a day or a time';

export const FINDING_NAME = 'the whole id of a finding or a resource, or an execution (ARN, name or source identity)';
export const OPTIONAL_FINDING: CommandArgument = { name: '[name]', text: FINDING_NAME };

export const YES_OPTION: CommandOption = { flags: '--yes', text: 'do not ask' };
export const REASON_OPTION: CommandOption = {
  flags: '--reason <words>',
  text: 'why; it is kept with your name in the audit trail',
};

export const jsonOption = (text: string): CommandOption => ({ flags: '--json', text });

export const FILTER_OPTIONS: readonly CommandOption[] = [
  { flags: '--control <id>', text: 'of one control: EC2.13' },
  { flags: '--account <id>', text: 'of one account' },
  { flags: '--since <when>', text: `changed since: ${TIME_FORMS}` },
];

export const WRITING_OPTIONS: readonly CommandOption[] = [
  REASON_OPTION,
  { flags: '--dry-run', text: 'show what would happen, and do nothing' },
  YES_OPTION,
  { flags: '--rate <number>', text: 'at most this many a second', parse: parseWholeNumber },
  jsonOption('one JSON object'),
];
