/** The operators' command line: `npm run -s suture -- <command>`. */
import { Argument, Command, Help, Option } from 'commander';
import {
  type CommandArgument,
  type CommandDefinition,
  type CommandEntry,
  type CommandOption,
  type CommandTerminal,
  EXIT_CODES,
  type ExitCodes,
} from './command.ts';
import { COMMANDS } from './commands.generated.ts';
import { writable } from './output/writable.ts';
import { runProgram } from './run-program.ts';

/**
 * @param argv in the form of `process.argv`
 * @param added commands besides those in `cli/commands`
 */
export async function runSuture(argv: readonly string[], added: readonly CommandEntry[] = []): Promise<void> {
  const program = new Command('suture')
    .description('Closes AWS Security Hub findings by itself. Commands to see what it can do, and to run it.')
    .usage('<command>   (in this repository: npm run -s suture -- <command>)')
    .option('--profile <name>', 'the profile of the AWS configuration whose credentials are used')
    .option('--region <region>', "the AWS Region, instead of the environment's")
    .hook('preAction', (command) => useEnvironment(command.opts()))
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: true })
    .addHelpText('after', `\n${exitCodeText(EXIT_CODES)}`);
  await addCommands(program, [...COMMANDS, ...added], argv);
  await runProgram(program, argv);
}

/** Adds each command with its summary. If `argv` names the command, its file provides options, help and action. */
async function addCommands(parent: Command, entries: readonly CommandEntry[], argv: readonly string[]): Promise<void> {
  parent.configureHelp({ ...parent.configureHelp(), subcommandTerm: (command) => termOf(command, entries) });
  for (const entry of entries) {
    const command = parent.command(entry.name).description(entry.summary);
    if (!argv.includes(entry.name)) continue;
    if ('commands' in entry) await addCommands(command, entry.commands, argv);
    else configure(command, (await entry.load()).default);
  }
}

function termOf(command: Command, entries: readonly CommandEntry[]): string {
  const entry = entries.find(({ name }) => name === command.name());
  if (!entry) return new Help().subcommandTerm(command);
  return 'usage' in entry ? `${entry.name} ${entry.usage}` : entry.name;
}

function configure(command: Command, definition: CommandDefinition): void {
  const { arguments: values = [], options = [], notes, examples, access, exitCodes = EXIT_CODES } = definition;
  for (const value of values) command.addArgument(argumentOf(value));
  for (const option of options) command.addOption(optionOf(option));
  const paragraphs = [notes, examples && ['Examples:', ...examples.map((line) => `  ${line}`)].join('\n'), access];
  const help = [...paragraphs, exitCodeText(exitCodes)].filter((each) => each !== undefined);
  command.addHelpText('after', `\n${help.join('\n\n')}`);
  command.action(async (...given) => {
    const typed = given.slice(0, values.length);
    const terminal = terminalOf(definition);
    const result = await definition.run({ ...command.opts(), ...terminal }, ...typed);
    const { text, failed } = typeof result === 'string' ? { text: result, failed: false } : result;
    process.stdout.write(text === '' ? '' : `${writable(text)}\n`);
    if (failed) process.exitCode = 1;
  });
}

const argumentOf = ({ name, text }: CommandArgument) => new Argument(name, text);

function optionOf({ flags, text, required, default: value, choices, repeatable, parse }: CommandOption): Option {
  const option = new Option(flags, text).makeOptionMandatory(required ?? false);
  if (choices) option.choices(choices);
  if (value !== undefined) option.default(value);
  if (repeatable) option.argParser((one: string, all: readonly string[] = []) => [...all, one]);
  if (parse) option.argParser(parse);
  return option;
}

const exitCodeText = (codes: ExitCodes): string => `Exit codes: 0 ${codes[0]}, 1 ${codes[1]}, 2 ${codes[2]}.`;

function terminalOf({ interruptible }: CommandDefinition): CommandTerminal {
  const print = (text: string) => console.error(writable(text));
  return { progress: print, show: print, ...(interruptible && { signal: abortOnInterrupt() }) };
}

function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    console.error('Stopping after the current item; press Ctrl-C again to stop at once.');
    controller.abort();
  });
  return controller.signal;
}

function useEnvironment({ profile, region }: { readonly profile?: string; readonly region?: string }): void {
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  if (region !== undefined) process.env.AWS_REGION = region;
}
