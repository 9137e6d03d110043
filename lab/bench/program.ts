/** Each benchmark imports its modules only when it runs. */
import { enableCompileCache } from 'node:module';
import { Command } from 'commander';
import { parseWholeNumber } from '../../cli/options/whole-number.ts';
import { runProgram } from '../../cli/run-program.ts';
import type { BenchOptions } from './command.ts';

/** @param argv in the form of `process.argv` */
export async function runBench(argv: readonly string[] = process.argv): Promise<void> {
  // The benchmark loads the whole repository and every SDK client, which takes a second less from the cache.
  enableCompileCache();
  const program = benchProgram();
  program.addCommand(ipRangesProgram());
  await runProgram(program, argv);
}

const HELP = `
Without a name, the benchmark measures everything in the sandbox, which takes five minutes of processor time: half of it proves
the laws, which one processor does alone. Progress goes to standard error. It counts the lines of each form of remediation and
lists the files that are longer than the form allows.

--scale measures a finding's processor time, calls and cost: for 100 to 10,000 archived and remediated findings, and for 100
remediated findings in 4, 50 and 200 accounts; growth is the last figure divided by the first.

Examples:
  npm run -s bench -- --json > before.json
  npm run -s bench -- --compare before.json

Exit codes: 0 measured, 1 something got worse or failed, 2 wrong usage.`;

const benchProgram = (): Command =>
  new Command('bench')
    .description('Measures what Suture takes, compared with what its design allows and with other solutions')
    .usage('[options] [name]   (in this repository: npm run bench -- …)')
    .option('--json', 'one JSON object, name → figure')
    .option(
      '--compare <file>',
      'compare with the run whose --json is in this file, and exit with 1 if a figure got worse',
    )
    .option('--scale', 'measure how cost and time of a finding grow with findings and accounts; takes half an hour')
    .option(
      '--findings <number>',
      'with --scale: the largest number of findings of each lane (default: 10000)',
      parseWholeNumber,
    )
    .addHelpText('after', HELP)
    // Options after the name of a benchmark are that benchmark's: both have --json.
    .enablePositionalOptions()
    .exitOverride()
    .action(bench);

async function bench(options: BenchOptions): Promise<void> {
  const { benchCommand } = await import('./command.ts');
  const { text, comparison, isWorse } = await benchCommand(options, progress);
  say(text);
  // With --json, standard output has the figures alone.
  if (comparison !== undefined) (options.json ? console.error : say)(`\n${comparison}`);
  if (isWorse) process.exitCode = 1;
}

const ipRangesProgram = (): Command =>
  new Command('ip-ranges')
    .description('replay published documents in the order of their syncToken, and compare with a revoke-first updater')
    .exitOverride()
    .requiredOption('--documents <directory>', 'versions of ip-ranges.json')
    .option(
      '--service <name>',
      'a service; may be given several times (default: CLOUDFRONT_ORIGIN_FACING, CLOUDFRONT)',
      addValue,
    )
    .option('--ports <list>', 'such as 80,443', '443')
    .option('--family <family>', 'IPv4 or IPv6; may be given several times (default: both)', addValue)
    .option('--cover <cover>', 'raw or minimal (default: that of targets)')
    .option('--rules-per-group <number>', 'rules that a group takes (default: that of targets)', parseWholeNumber)
    .option('--groups-per-interface <number>', 'groups that an interface takes', parseWholeNumber, 16)
    .option('--interface', 'attach the groups to a network interface')
    .option('--from <syncToken>', 'leave older documents out', parseWholeNumber)
    .option('--json', 'one JSON object')
    .addHelpText('after', IP_RANGES_HELP)
    .action(async (options) => say(await (await import('./ip-ranges.ts')).ipRangesBench(options)));

const IP_RANGES_HELP = `
Reads one document at a time. Counts every call that changes something, also those that create, seal and attach groups.

Examples:
  npm run -s bench -- ip-ranges --documents versions
  npm run -s bench -- ip-ranges --documents versions --service CLOUDFRONT --family IPv4 --cover minimal --interface`;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function progress(step: string): void {
  process.stderr.write(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${step}\n`);
}

const addValue = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];
