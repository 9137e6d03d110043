/** The operators' command line: `npm run -s suture -- <command>`. */
import { Argument, Command, Help, Option } from 'commander';
import {
  COMMAND_GROUPS,
  type CommandArgument,
  type CommandDefinition,
  type CommandEntry,
  type CommandOption,
  type CommandTerminal,
  EXIT_CODES,
  exitCodesOf,
} from './command.ts';
import { writable } from './output/writable.ts';
import packageJson from './package.json' with { type: 'json' };
import { runProgram } from './run-program.ts';
import { beginSession, type Session, sessionText } from './session.ts';

/** @param argv in the form of `process.argv` */
export async function runSuture(argv: readonly string[], commands: readonly CommandEntry[]): Promise<void> {
  const program = new Command('suture')
    .description('Closes AWS Security Hub findings by itself. Commands to see what it can do, and to run it.')
    .usage('<command>   (in this repository: npm run -s suture -- <command>)')
    .option('--installation <name>', 'the installation, as suture configure lists it')
    .option('--profile <name>', 'the profile of the AWS configuration whose credentials are used')
    .option('--region <region>', "the AWS Region, instead of the environment's")
    .version(`suture ${packageJson.version}`, '-V, --version', "print Suture's version")
    .hook('preAction', (command) => useEnvironment(command.opts()))
    .exitOverride()
    .commandsGroup(`${COMMAND_GROUPS[0]}:`)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', `\n${exitCodeText(EXIT_CODES)}`);
  await addCommands(program, commands, argv);
  await runProgram(program, argv);
}

/** Adds each command with its summary. If `argv` names the command, its file provides options, help and action. */
async function addCommands(parent: Command, given: readonly CommandEntry[], argv: readonly string[]): Promise<void> {
  const entries = given.toSorted((a, b) => order(a) - order(b));
  parent.configureHelp({ ...parent.configureHelp(), subcommandTerm: (command) => termOf(command, entries) });
  for (const entry of entries) {
    const command = parent.command(entry.name).description(entry.summary);
    if (entry.heading) command.helpGroup(`${entry.heading}:`);
    if (!argv.includes(entry.name)) continue;
    if ('commands' in entry) await addCommands(command, entry.commands, argv);
    else configure(command, (await entry.load()).default);
  }
}

/** Commander lists groups in the order of their first command. */
const order = ({ heading }: CommandEntry) => (heading ? COMMAND_GROUPS.indexOf(heading) : 0);

function termOf(command: Command, entries: readonly CommandEntry[]): string {
  const entry = entries.find(({ name }) => name === command.name());
  if (!entry) return new Help().subcommandTerm(command);
  return 'usage' in entry ? `${entry.name} ${entry.usage}` : entry.name;
}

function configure(command: Command, definition: CommandDefinition): void {
  const { arguments: values = [], options: ownOptions = [], notes, examples, access } = definition;
  for (const value of values) command.addArgument(argumentOf(value));
  for (const option of ownOptions) command.addOption(optionOf(option));
  const paragraphs = [notes, examples && ['Examples:', ...examples.map((line) => `  ${line}`)].join('\n'), access];
  const help = [...paragraphs, exitCodeText(exitCodesOf(definition))].filter((each) => each !== undefined);
  command.addHelpText('after', `\n${help.join('\n\n')}`);
  command.action(async (...given) => {
    const typed = given.slice(0, values.length);
    const options = { ...command.optsWithGlobals(), ...command.opts() };
    const session = access === undefined ? {} : await beginSession(options.installation);
    const terminal = terminalOf(definition, session, options.json);
    const result = await definition.run({ ...options, ...terminal }, ...typed);
    const { text, failed } = typeof result === 'string' ? { text: result, failed: false } : result;
    process.stdout.write(text === '' ? '' : `${writable(text)}\n`);
    if (failed) process.exitCode = 1;
  });
}

const argumentOf = ({ name, text }: CommandArgument) => new Argument(name, text);

function optionOf({ flags, text, required, default: value, choices, repeatable, parse }: CommandOption): Option {
  const option = new Option(flags, required ? `${text} (required)` : text).makeOptionMandatory(required ?? false);
  if (choices) option.choices(choices);
  if (value !== undefined) option.default(value);
  if (repeatable) option.argParser((one: string, all: readonly string[] = []) => [...all, one]);
  if (parse) option.argParser(parse);
  return option;
}

const exitCodeText = (codes: Readonly<Record<number, string>>): string =>
  `Exit codes: ${Object.entries(codes)
    .map(([code, meaning]) => `${code} ${meaning}`)
    .join(', ')}.`;

function terminalOf({ interruptible, writes }: CommandDefinition, session: Session, json = false): CommandTerminal {
  const print = (text: string) => console.error(writable(text));
  const announce = async () => print(await sessionText(session));
  return {
    progress: print,
    show: print,
    ...(writes && !json && { announce }),
    ...(interruptible && { signal: abortOnInterrupt() }),
  };
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
