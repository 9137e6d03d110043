/** Long tests in the sandbox. Each exits with 1 if it finds a problem. */
import { Command, InvalidArgumentError } from 'commander';
import { runProgram } from '../../cli/run-program.ts';

/** @param argv in the form of `process.argv` */
export async function runSoak(argv: readonly string[] = process.argv): Promise<void> {
  const program = new Command('soak')
    .description(
      'Long tests in the sandbox, random from a seed. Interrupted, most continue where they were. Exit code 1: one found a problem.',
    )
    .usage('[name] [options]   (in this repository: npm run soak -- [name] [options]; without a name, findings)')
    .exitOverride();
  addFindingsSoak(program);
  addKillsSoak(program);
  addPolicyChangeSoak(program);
  addPlansSoak(program);
  await runProgram(program, argv);
}

function addFindingsSoak(program: Command): void {
  withState(addSoak(program, 'findings', { isDefault: true }), '.build/soak.json')
    .description(
      'Sends findings of every kind in fifty accounts through the deployed workflow while calls fail at random, replays what ' +
        'failed, and reconciles every finding with the ledger, Security Hub and the resources.',
    )
    .option('--findings <number>', 'minimum number of events', positiveInteger, 10_000)
    .option(
      '--chunk <number>',
      'number of events in one organization, before the next one starts',
      positiveInteger,
      250,
    )
    .action(async ({ json, ...options }) => {
      const { runFindingsSoak } = await import('./run.ts');
      const { soakSummary } = await import('./summary.ts');
      printReport(await runFindingsSoak({ ...options, progress }), soakSummary, json);
    });
}

function addKillsSoak(program: Command): void {
  withState(addSoak(program, 'kills'), '.build/soak-kills.json')
    .description(
      'Fixes and rolls back every scenario of every remediation through the deployed workflow, with its function killed before and ' +
        'after each of its calls in turn, and checks that both end as expected.',
    )
    .option('--remediation <id>', 'only this remediation, such as ec2/close-admin-ports')
    .action(async ({ json, ...options }) => {
      const { runKillsSoak } = await import('./kills/run.ts');
      const { killsSummary } = await import('./kills/summary.ts');
      printReport(await runKillsSoak({ ...options, progress }), killsSummary, json);
    });
}

function addPolicyChangeSoak(program: Command): void {
  addSoak(program, 'policy-change')
    .description(
      'Changes the policy while executions wait to write or to archive, and checks that every attempt that begins afterwards follows ' +
        'the new policy, that no finding is lost, and that a replay ends all of them. Interrupted, it starts again.',
    )
    .option('--findings <number>', 'number of executions that are open when the policy changes', positiveInteger, 2000)
    .action(async ({ json, ...options }) => {
      const { runPolicyChangeSoak } = await import('./policy-change/run.ts');
      const { policyChangeSummary } = await import('./policy-change/summary.ts');
      printReport(await runPolicyChangeSoak({ ...options, progress }), policyChangeSummary, json);
    });
}

function addPlansSoak(program: Command): void {
  withState(addSoak(program, 'plans'), '.build/soak-plans.json')
    .description(
      'Runs random plans through the deployed workflow: findings, a policy, and failing calls. Reduces a plan that fails to the ' +
        'smallest one that still fails.',
    )
    .option('--runs <number>', 'number of plans', positiveInteger, 200)
    .action(async ({ json, ...options }) => {
      const { runPlansSoak } = await import('./plans/run.ts');
      const { plansSummary } = await import('./plans/summary.ts');
      printReport(await runPlansSoak({ ...options, progress }), plansSummary, json);
    });
}

function addSoak(program: Command, name: string, options: { readonly isDefault?: boolean } = {}): Command {
  return program
    .command(name, options)
    .option('--seed <number>', 'seed of findings and faults', positiveInteger, 1)
    .option('--json', 'one JSON object');
}

const withState = (soak: Command, file: string): Command =>
  soak.option('--state <file>', 'file for the progress; the same command continues from there', file);

function printReport<R extends { readonly problems: readonly string[] }>(
  report: R,
  summary: (report: R) => string,
  json: boolean | undefined,
): void {
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : summary(report)}\n`);
  if (report.problems.length > 0) process.exitCode = 1;
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function positiveInteger(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}
