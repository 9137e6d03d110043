/** `npm run soak`: thousands of findings of every kind under faults by chance, and what became of each. */
import { Command, InvalidArgumentError } from 'commander';
import { runProgram } from './run-program.ts';

const program = new Command('soak')
  .description(
    'Sends findings of every kind over fifty accounts through the deployed workflow while calls fail at random, replays what ' +
      'failed, and holds every one against the ledger, Security Hub and the resources. Ends with 1 when one is not accounted for.',
  )
  .usage('[options]   (in this repository: npm run soak -- [options])')
  .option('--findings <number>', 'events to send, at least', positive, 10_000)
  .option('--chunk <number>', 'events in one organization, before the next one is started', positive, 250)
  .option('--seed <number>', 'what comes and what fails; another seed, another soak', positive, 1)
  .option('--state <file>', 'keeps the progress; the same command goes on from there', '.build/soak.json')
  .option('--json', 'one JSON object')
  .exitOverride()
  .action(async ({ json, ...options }) => {
    const { soak } = await import('./soak/run.ts');
    const report = await soak({ ...options, progress: (line) => process.stderr.write(`${line}\n`) });
    const { inWords } = await import('./soak/words.ts');
    process.stdout.write(`${json ? JSON.stringify(report, null, 2) : inWords(report)}\n`);
    if (report.problems.length > 0) process.exitCode = 1;
  });

await runProgram(program);

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}
