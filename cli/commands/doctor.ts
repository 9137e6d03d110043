import { plain } from '../../functions/domain/plain-text.ts';
import type { SutureApi } from '../clients/api.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import { jsonOption } from '../options/standard.ts';
import { IS_TERMINAL, tabSeparated } from '../output/terminal.ts';

export type DoctorOptions = {
  readonly account?: readonly string[];
  readonly role?: string;
  readonly reference?: string;
  readonly json?: boolean;
  readonly api?: SutureApi;
  readonly progress?: (line: string) => void;
};

export default defineCommand<DoctorOptions>({
  name: 'doctor',
  heading: 'Set up',
  summary: 'check whether the organization is ready, and whether it is still as it was',
  options: [
    {
      flags: '--account <id>',
      text: 'check this account alone (repeatable; default: every active one)',
      repeatable: true,
    },
    { flags: '--role <name>', text: 'compare this role over the accounts, and check nothing else' },
    { flags: '--reference <account>', text: 'with --role: the account whose role is the right one' },
    jsonOption('one JSON object: results, problems'),
  ],
  notes: `
Checks Security Hub, Organizations, rules, queues, workflow, policy, quotas and tables, and in every active account whether the
roles exist, can be assumed and are as this release generates them. Writes nothing. Differences: - is missing, + should not be
there. If standard output is not a terminal, one tab-separated line for each problem and each line of a difference.`.trim(),
  examples: [
    'suture doctor',
    'suture doctor --account 111122223333 --json',
    'suture doctor --role PlatformDeploy --reference 111122223333',
  ],
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'no problem was found', 1: 'a problem was found', 2: 'wrong usage' },
  run: (options) => doctorCommand(options),
});

const ACCOUNT = /^\d{12}$/;

/** @throws UsageError if an account is no account id, or one of --role and --reference is missing */
export async function doctorCommand(options: DoctorOptions): Promise<CommandResult> {
  const { account: accounts, role, reference, json, progress = () => {} } = options;
  if ((role === undefined) !== (reference === undefined))
    throw new UsageError(
      '--role and --reference belong together: the role, and the account that has it as it should be.',
    );
  const wrong = [...(accounts ?? []), ...(reference === undefined ? [] : [reference])].find((id) => !ACCOUNT.test(id));
  if (wrong !== undefined) throw new UsageError(`"${wrong}" is not an account id: 12 digits.`);
  const { sutureApi } = await import('../clients/api.ts');
  const { compareRole, examine } = await import('../doctor/examine.ts');
  const { doctorRows, doctorText } = await import('../doctor/doctor-text.ts');
  const examination = { api: options.api ?? (await sutureApi()), progress, accounts };
  const results = await (role === undefined ? examine(examination) : compareRole(examination, role, reference!));
  const problems = results.filter(({ problem }) => problem !== undefined).length;
  const failed = problems > 0;
  if (json) return { text: JSON.stringify({ results, problems }, null, 2), failed };
  const shown = plain(results);
  return { text: IS_TERMINAL ? doctorText(shown) : tabSeparated(doctorRows(shown)), failed };
}
