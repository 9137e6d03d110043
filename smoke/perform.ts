/** Runs the smoke test after `npm run smoke:aws` has checked its arguments. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { callerOf } from '../cli/clients/caller.ts';
import type { SutureContext } from '../stacks/context.ts';
import { type AccountConfig, accountConfigs } from './account-config.ts';
import { Interruption } from './interruption.ts';
import { requireOrganization } from './organization.ts';
import { smokePlan } from './plan.ts';
import { smokeReport } from './report.ts';
import { creationsOf, removeCreations, runSteps, type SmokeRun } from './run.ts';
import type { Smoke } from './smoke.ts';
import { SMOKE_STEPS } from './steps.ts';

export type SmokeOptions = {
  readonly plan?: true;
  readonly organization?: string;
  readonly member?: string;
  readonly iPay?: true;
  readonly cleanUp?: true;
  readonly role: string;
  readonly report: string;
  readonly only?: string;
};

/** Replaced by tests. */
export type SmokeEnvironment = {
  readonly context?: SutureContext;
  /** Default: the environment's credentials and endpoint. */
  readonly aws?: AccountConfig;
  readonly now?: () => number;
  readonly interruption?: Pick<Interruption, 'pause'>;
  readonly print?: (text: string) => void;
  readonly progress?: (line: string) => void;
};

const stepsWith = (ids: readonly string[]) => SMOKE_STEPS.filter(({ id }) => ids.includes(id));

/** @param command that runs the steps */
export function printPlan(
  ids: readonly string[],
  context: SutureContext,
  command: string,
  { print = console.log }: SmokeEnvironment,
): void {
  print(`${smokePlan(stepsWith(ids), context)}\n\nTo run it: ${command}`);
}

export async function performSmoke(
  ids: readonly string[],
  options: SmokeOptions,
  environment: SmokeEnvironment,
  context: SutureContext,
): Promise<void> {
  const { print = console.log } = environment;
  const interruption = environment.interruption ?? Interruption.bySignals();
  const smoke = await prepare(options, environment, context, interruption);
  const creations = creationsOf(SMOKE_STEPS);
  if (options.cleanUp) {
    const left = await removeCreations(smoke, creations);
    print(left.length === 0 ? 'Nothing is left.' : leftText(left));
    process.exitCode = left.length === 0 ? 0 : 1;
    return;
  }
  const run = await runSteps(smoke, stepsWith(ids), creations);
  await mkdir(dirname(options.report), { recursive: true });
  await writeFile(options.report, smokeReport(run, context, new Date(smoke.startedAt)));
  print(endText(run, options.report));
  process.exitCode = exitCodeOf(run);
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
