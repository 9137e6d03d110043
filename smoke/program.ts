/** `npm run smoke:aws`: checks in a real organization what no sandbox can show. Prints its plan unless it is told to run. */
import { Command } from 'commander';
import { UsageError } from '../cli/errors/usage-error.ts';
import { runProgram } from '../cli/run-program.ts';
import { readCdkJsonContext, type SutureContext } from '../stacks/context.ts';
import type { SmokeEnvironment, SmokeOptions } from './perform.ts';
import { STEP_IDS } from './step-ids.ts';

const REPORT = '.build/smoke-report.md';

/** @param argv in the form of `process.argv` */
export async function runSmoke(argv: readonly string[] = process.argv, environment: SmokeEnvironment = {}) {
  const program = new Command('smoke')
    .description(
      'Checks in your organization what no sandbox can: StackSets, trust, packed policies, AppConfig, and a finding from rule to fix. Without --i-pay it only prints what it would do.',
    )
    .usage('[options]   (in this repository: npm run smoke:aws -- [options])')
    .option('--plan', 'print the steps and what they create, and do nothing (the default)')
    .option('--organization <id>', 'the organization in which it may run, such as o-a1b2c3d4e5')
    .option('--member <account>', 'the member account in which it may work: one of the units, with a default VPC')
    .option('--i-pay', 'run: create what the plan says, and pay for it')
    .option('--clean-up', 'remove what a killed run left, and do nothing else')
    .option('--only <steps>', 'these steps alone, separated by commas')
    .option(
      '--role <name>',
      "administrators' role in the accounts, which your credentials may assume",
      'OrganizationAccountAccessRole',
    )
    .option('--report <file>', 'where to write the report, which names no account', REPORT)
    .addHelpText(
      'after',
      '\nExit codes: 0 every step passed and nothing is left, 1 a step failed or something is left, 2 wrong usage, 3 credentials or accounts that cannot be used, 130 interrupted.',
    )
    .exitOverride()
    .action((options: SmokeOptions) => planOrRun(options, environment));
  await runProgram(program, argv);
}

async function planOrRun(options: SmokeOptions, environment: SmokeEnvironment): Promise<void> {
  const context = environment.context ?? (await readCdkJsonContext());
  const ids = chosenSteps(options.only);
  const isPlan = options.plan || !(options.organization || options.member || options.iPay || options.cleanUp);
  if (!isPlan) requireConsent(options, context);
  // The steps load clients of every service.
  const { printPlan, performSmoke } = await import('./perform.ts');
  if (isPlan) return printPlan(ids, context, commandOf(context), environment);
  return performSmoke(ids, options, environment, context);
}

/** @throws UsageError for a step that does not exist */
function chosenSteps(only?: string): readonly string[] {
  if (only === undefined) return STEP_IDS;
  const ids = only.split(',').map((id) => id.trim());
  const unknown = ids.find((id) => !STEP_IDS.includes(id));
  if (unknown !== undefined) throw new UsageError(`There is no step "${unknown}". There are: ${STEP_IDS.join(', ')}.`);
  return ids;
}

const commandOf = ({ organizationId }: SutureContext) =>
  `npm run smoke:aws -- --organization ${organizationId} --member <account id> --i-pay`;

/** @throws UsageError unless the person names this organization and a member account, and agrees to pay */
function requireConsent({ organization, member, iPay, cleanUp }: SmokeOptions, context: SutureContext): void {
  const missing = [
    ...(organization ? [] : ['--organization']),
    ...(member ? [] : ['--member']),
    ...(iPay || cleanUp ? [] : ['--i-pay']),
  ];
  if (missing.length > 0)
    throw new UsageError(`Nothing was done: ${missing.join(' and ')} is missing. Whole command: ${commandOf(context)}`);
  if (organization !== context.organizationId)
    throw new UsageError(
      `Nothing was done: cdk.json is for organization ${context.organizationId}, not ${organization}.`,
    );
  if (!/^\d{12}$/.test(member!)) throw new UsageError(`"${member}" is not an account id: 12 digits.`);
  const own = [context.securityAccount, context.serviceAccount, context.rollout?.managementAccount];
  if (own.includes(member))
    throw new UsageError(`${member} is an account of Suture or the management account: give a member account.`);
  if (context.trial)
    throw new UsageError('Nothing was done: cdk.json is for a trial, and the smoke test needs an organization.');
}
