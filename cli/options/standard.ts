import type { CommandArgument, CommandOption } from '../command.ts';
import { parseWholeNumber } from './whole-number.ts';

export const TIME_FORMS = '90m, 2h, 7d, a day or a time';

export const FINDING_NAME =
  "a finding, an execution, an approval or a resource, by its id, the id's first digits or its own name (0f6e1a2b, sg-3f2b, my-bucket), or a control with an account, by its id or its name (EC2.13 111122223333)";
/** A control with its account is a name of two words. */
export const NAMED_FINDING: CommandArgument = { name: '<name...>', text: FINDING_NAME };
export const OPTIONAL_FINDING: CommandArgument = { name: '[name...]', text: FINDING_NAME };

/** Returns undefined if nothing was named. */
export const nameIn = (words: readonly string[]): string | undefined =>
  words.length === 0 ? undefined : words.join(' ');

export const YES_OPTION: CommandOption = { flags: '--yes', text: 'do not ask' };
export const REASON_OPTION: CommandOption = {
  flags: '--reason <words>',
  text: 'why; it is kept with your name in the audit trail',
};

/** `--reason` of a command whose `--dry-run` needs none. */
export const REASON_UNLESS_DRY_RUN: CommandOption = {
  ...REASON_OPTION,
  text: `${REASON_OPTION.text} (required without --dry-run)`,
};

export const jsonOption = (text: string): CommandOption => ({ flags: '--json', text });

export const DRY_RUN_OPTION: CommandOption = { flags: '--dry-run', text: 'show what would happen, and do nothing' };

const CONTROL_OPTION: CommandOption = { flags: '--control <id>', text: 'of one control: EC2.13' };
const ACCOUNT_OPTION: CommandOption = { flags: '--account <id>', text: 'of one account, by its 12 digits or its name' };
const SEVERITY_OPTION: CommandOption = {
  flags: '--severity <label>',
  text: 'CRITICAL, HIGH, MEDIUM, LOW or INFORMATIONAL',
};
const SINCE_OPTION: CommandOption = { flags: '--since <when>', text: `changed since: ${TIME_FORMS}` };

/** Filters of findings in the ledger. */
export const FILTER_OPTIONS: readonly CommandOption[] = [
  CONTROL_OPTION,
  ACCOUNT_OPTION,
  { flags: '--ou <path>', text: 'of the accounts of one organizational unit and of those below it: /Production' },
  { flags: '--region <region>', text: 'of one Region, which is not the home Region' },
  SEVERITY_OPTION,
  { flags: '--remediation <id>', text: 'of one remediation: ec2/close-admin-ports' },
  SINCE_OPTION,
];

/** Filters of findings in Security Hub. */
export const NEW_FINDING_OPTIONS: readonly CommandOption[] = [
  CONTROL_OPTION,
  ACCOUNT_OPTION,
  SEVERITY_OPTION,
  SINCE_OPTION,
];

export const WRITING_OPTIONS: readonly CommandOption[] = [
  REASON_UNLESS_DRY_RUN,
  DRY_RUN_OPTION,
  YES_OPTION,
  { flags: '--rate <number>', text: 'at most this many a second', parse: parseWholeNumber },
  jsonOption('one JSON object'),
];
