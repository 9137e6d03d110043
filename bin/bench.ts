/** `npm run bench -- <name>`: measures, and compares with what others do. A benchmark loads what it needs only when it runs. */
import { Command, CommanderError } from 'commander';
import { readable } from './commands/failure.ts';
import { UsageError } from './commands/usage-error.ts';

const program = new Command('bench')
  .description('Measures what Suture does, beside what others do')
  .usage('<name>   (in this repository: npm run bench -- <name>)')
  .exitOverride();

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
  .action(async (options) => say(await (await import('./bench/ip-ranges.ts')).ipRangesBench(options)));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(readable(error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function several(one: string, all: readonly string[] = []): string[] {
  return [...all, one];
}
