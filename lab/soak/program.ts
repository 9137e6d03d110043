/** `npm run soak`: what takes long. Each soak ends with 1 when something is not as it should be. */
import { Command, InvalidArgumentError } from 'commander';
import { runProgram } from '../../cli/run-program.ts';

type Shown = { readonly json?: boolean };

const program = new Command('soak')
  .description(
    'What takes long, in the sandbox. Seeded; what keeps its progress goes on where it was; ends with 1 when something is wrong.',
  )
  .usage('[soak] [options]   (in this repository: npm run soak -- [soak] [options])')
  .exitOverride();

command('findings', { isDefault: true, state: '.build/soak.json' })
  .description(
    'Sends findings of every kind over fifty accounts through the deployed workflow while calls fail at random, replays what ' +
      'failed, and holds every one against the ledger, Security Hub and the resources.',
  )
  .option('--findings <number>', 'events to send, at least', positive, 10_000)
  .option('--chunk <number>', 'events in one organization, before the next one is started', positive, 250)
  .action(async ({ json, ...options }) => {
    const { soak } = await import('./run.ts');
    const { inWords } = await import('./summary.ts');
    tell(await soak({ ...options, progress }), inWords, json);
  });

command('kills', { state: '.build/soak-kills.json' })
  .description(
    'Fixes and undoes every faulty case of every remediation through the deployed workflow, with its function killed before and ' +
      'after each of its calls in turn, and looks whether both end as they should.',
  )
  .option('--remediation <id>', 'this one alone, such as ec2/close-admin-ports')
  .action(async ({ json, ...options }) => {
    const { kills } = await import('./kills/run.ts');
    const { inWords } = await import('./kills/summary.ts');
    tell(await kills({ ...options, progress }), inWords, json);
  });

command('policy-change')
  .description(
    'Changes the policy while executions are open that wait to write or to be archived, and looks that what began by the new ' +
      'one keeps to it, that everything is accounted for, and that a replay ends it right. One experiment: interrupted, it begins anew.',
  )
  .option('--findings <number>', 'open when the policy changes', positive, 2000)
  .action(async ({ json, ...options }) => {
    const { policyChange } = await import('./policy-change/run.ts');
    const { inWords } = await import('./policy-change/summary.ts');
    tell(await policyChange({ ...options, progress }), inWords, json);
  });

command('plans', { state: '.build/soak-plans.json' })
  .description(
    'Carries out plans at random through the deployed workflow: some findings, what policy says, and which calls fail how. ' +
      'One that ends wrong is made as small as it can be.',
  )
  .option('--runs <number>', 'plans to carry out', positive, 200)
  .action(async ({ json, ...options }) => {
    const { plans } = await import('./plans/run.ts');
    const { inWords } = await import('./plans/summary.ts');
    tell(await plans({ ...options, progress }), inWords, json);
  });

await runProgram(program);

/** With the options of every soak, and that of those which keep their progress: `state` is where by default. */
function command(name: string, { isDefault = false, state }: { isDefault?: boolean; state?: string } = {}): Command {
  const made = program
    .command(name, { isDefault })
    .option('--seed <number>', 'what comes and what fails; another seed, another soak', positive, 1)
    .option('--json', 'one JSON object');
  return state ? made.option('--state <file>', 'keeps the progress; the same command goes on from there', state) : made;
}

function tell<R extends { readonly problems: readonly string[] }>(
  report: R,
  inWords: (report: R) => string,
  json: Shown['json'],
): void {
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : inWords(report)}\n`);
  if (report.problems.length > 0) process.exitCode = 1;
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}
