/** `npm run -s suture -- <command>`: the operators' command line. A command loads what it needs only when it runs. */
import { enableCompileCache } from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import { CIS_VERSIONS } from '../functions/contract/benchmarks.ts';
import { UsageError } from './commands/usage-error.ts';

/** The SDK clients of every remediation are most of what a command loads; compiled once, they take half as long. */
enableCompileCache();

const EXIT_CODES = `
Exit codes: 0 all is well, 1 something failed, 2 wrong usage.`;

const program = new Command('suture')
  .description('Closes AWS Security Hub findings by itself. Commands that look at what it can do.')
  .usage('<command>   (in this repository: npm run -s suture -- <command>)')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .addHelpText('after', EXIT_CODES);

program
  .command('catalogue')
  .description('list the controls that remediations close')
  .option('--service <name>', 'of one service: ec2')
  .addOption(new Option('--risk <risk>', 'of one risk').choices(['safe', 'disruptive', 'destructive']))
  .addOption(new Option('--cis <version>', 'that a version of the CIS benchmark asks for').choices(CIS_VERSIONS))
  .option('--json', 'a JSON array with all that is known of each')
  .addHelpText(
    'after',
    `
A table on a terminal, tab-separated lines elsewhere.

Examples:
  suture catalogue --service ec2
  suture catalogue --risk safe --cis 3.0
  suture catalogue --json | jq -r '.[].control'
${EXIT_CODES}`,
  )
  .action(async (options) => say(await (await import('./commands/catalogue.ts')).catalogueCommand(options)));

program
  .command('explain')
  .description('tell what the remediation of a control does, needs, and how to undo it')
  .argument('<name>', "a control, a remediation, or a finding's generator id")
  .option('--json', 'a JSON array with all that is known')
  .addHelpText(
    'after',
    `
Examples:
  suture explain EC2.13
  suture explain ec2/close-admin-ports
  suture explain cis-aws-foundations-benchmark/v/1.4.0/2.2.1
${EXIT_CODES}`,
  )
  .action(async (name, options) => say(await (await import('./commands/explain.ts')).explainCommand(name, options)));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function say(text: string): void {
  process.stdout.write(text === '' ? '' : `${text}\n`);
}

/** Commander has said by then what was wrong. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  console.error(error instanceof UsageError ? error.message : error);
  return error instanceof UsageError ? 2 : 1;
}
