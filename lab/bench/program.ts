/** `npm run bench`: measures, and compares with what others do. A benchmark loads what it needs only when it runs. */
import { enableCompileCache } from 'node:module';
import { Command } from 'commander';
import { wholeNumber } from '../../cli/options/whole-number.ts';
import { runProgram } from '../../cli/run-program.ts';
import type { BenchOptions } from './command.ts';

/** It loads the whole repository and the SDK clients of every remediation: compiled once, that takes a second less. */
enableCompileCache();

const program = new Command('bench')
  .description('Measures what Suture does, beside what its design allows and what others do')
  .usage('[options] [name]   (in this repository: npm run bench -- …)')
  .option('--json', 'one JSON object, name → figure')
  .option(
    '--compare <file>',
    'tell what got worse since the run whose --json is in this file, and exit with 1 if something did',
  )
  .option('--scale', 'how cost and time of a finding grow with findings and accounts instead; takes half an hour')
  .option('--findings <number>', 'with --scale: up to so many findings of each lane (default: 10000)', wholeNumber)
  .addHelpText(
    'after',
    `
Without a name, everything is measured in the sandbox, in less than a minute on two processors that do nothing else. Progress goes
to standard error. --scale measures a finding's processor time, calls and cost: archived and remediated ones from 100 to 10,000,
and 100 remediated ones over 4, 50 and 200 accounts; the growth is the last over the first.

Examples:
  npm run -s bench -- --json > before.json
  npm run -s bench -- --compare before.json

Exit codes: 0 measured, 1 something got worse or failed, 2 wrong usage.`,
  )
  .exitOverride()
  .action(async (options: BenchOptions) => {
    const { text, compared, worse } = await (await import('./command.ts')).benchCommand(options, tell);
    say(text);
    // Beside JSON, for people: on standard error.
    if (compared !== undefined) (options.json ? console.error : say)(`\n${compared}`);
    if (worse) process.exitCode = 1;
  });

program
  .command('ip-ranges')
  .description(
    'replay published documents in the order of their syncToken, beside a revoke-first, index-chunked updater',
  )
  .requiredOption('--documents <directory>', 'versions of ip-ranges.json')
  .option(
    '--service <name>',
    'a service; may be given several times (default: CLOUDFRONT_ORIGIN_FACING, CLOUDFRONT)',
    several,
  )
  .option('--ports <list>', 'such as 80,443', '443')
  .option('--json', 'one JSON object')
  .action(async (options) => say(await (await import('./ip-ranges.ts')).ipRangesBench(options)));

await runProgram(program);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function tell(step: string): void {
  process.stderr.write(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${step}\n`);
}

function several(one: string, all: readonly string[] = []): string[] {
  return [...all, one];
}
