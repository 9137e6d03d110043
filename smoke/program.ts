/** `npm run smoke:aws`: checks in a real organization what no sandbox can show. Prints its plan unless it is told to run. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { callerOf } from '../cli/clients/caller.ts';
import { UsageError } from '../cli/errors/usage-error.ts';
import { runProgram } from '../cli/run-program.ts';
import { readCdkJsonContext, type SutureContext } from '../stacks/context.ts';
import { type AccountConfig, accountConfigs } from './account-config.ts';
import { Interruption } from './interruption.ts';
import { requireOrganization } from './organization.ts';
import { smokePlan } from './plan.ts';
import { smokeReport } from './report.ts';
import { creationsOf, removeCreations, runSteps, type SmokeRun } from './run.ts';
import type { Smoke } from './smoke.ts';
import type { SmokeStep } from './step.ts';
import { SMOKE_STEPS } from './steps.ts';

const REPORT = '.build/smoke-report.md';

type SmokeOptions = {
  readonly plan?: true;
  readonly organization?: string;
  readonly member?: string;
  readonly iPay?: true;
  readonly cleanUp?: true;
  readonly role: string;
  readonly report: string;
  readonly only?: string;
};

/** Tests replace these. */
export type SmokeEnvironment = {
  readonly context?: SutureContext;
  /** Default: the environment's credentials and endpoint. */
  readonly aws?: AccountConfig;
  readonly now?: () => number;
  readonly interruption?: Pick<Interruption, 'pause'>;
  readonly print?: (text: string) => void;
  readonly progress?: (line: string) => void;
};

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
  const { print = console.log } = environment;
  const steps = chosenSteps(options.only);
  if (options.plan || !(options.organization || options.member || options.iPay || options.cleanUp)) {
    print(`${smokePlan(steps, context)}\n\nTo run it: ${commandOf(context)}`);
    return;
  }
  requireConsent(options, context);
  const interruption = environment.interruption ?? Interruption.bySignals();
  const smoke = await prepare(options, environment, context, interruption);
  const creations = creationsOf(SMOKE_STEPS);
  if (options.cleanUp) {
    const left = await removeCreations(smoke, creations);
    print(left.length === 0 ? 'Nothing is left.' : leftText(left));
    process.exitCode = left.length === 0 ? 0 : 1;
    return;
  }
  const run = await runSteps(smoke, steps, creations);
  await mkdir(dirname(options.report), { recursive: true });
  await writeFile(options.report, smokeReport(run, context, new Date(smoke.startedAt)));
  print(endText(run, options.report));
  process.exitCode = exitCodeOf(run);
}

function chosenSteps(only?: string): readonly SmokeStep[] {
  if (only === undefined) return SMOKE_STEPS;
  const ids = only.split(',').map((id) => id.trim());
  const unknown = ids.find((id) => !SMOKE_STEPS.some((step) => step.id === id));
  if (unknown !== undefined)
    throw new UsageError(`There is no step "${unknown}". There are: ${SMOKE_STEPS.map(({ id }) => id).join(', ')}.`);
  return SMOKE_STEPS.filter(({ id }) => ids.includes(id));
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

async function prepare(
  { organization, member, role }: SmokeOptions,
  { aws, now = Date.now, progress = console.error }: SmokeEnvironment,
  context: SutureContext,
  interruption: Pick<Interruption, 'pause'>,
): Promise<Smoke> {
  const { homeRegion: region, partition, prefix } = context;
  // Clients of the command line take names of the installation from it.
  process.env.SUTURE_PREFIX = prefix;
  const account = await requireOrganization(organization!, { ...aws, region });
  const config = accountConfigs({ partition, region, role, account, aws, now });
  const { securityAccount, serviceAccount, rollout } = context;
  for (const each of [securityAccount, serviceAccount, rollout?.account ?? account, member!])
    await callerOf(config(each));
  return {
    context,
    member: member!,
    config,
    now,
    startedAt: now(),
    pause: (milliseconds) => interruption.pause(milliseconds),
    progress,
  };
}

function endText({ results, left }: SmokeRun, report: string): string {
  const rows = results.map(({ step, status, reason }) => `${status.padEnd(8)} ${step}${reason ? `: ${reason}` : ''}`);
  const end = left.length === 0 ? 'Nothing is left.' : leftText(left);
  return [...rows, '', end, `The report names no account and may be shared: ${report}`].join('\n');
}

const leftText = (left: readonly string[]): string =>
  [
    'Could not be removed:',
    ...left.map((each) => `- ${each}`),
    'Run again with --clean-up, or remove it by hand.',
  ].join('\n');

function exitCodeOf({ results, left, interrupted }: SmokeRun): number {
  if (interrupted) return 130;
  return left.length === 0 && results.every(({ status }) => status === 'passed') ? 0 : 1;
}
