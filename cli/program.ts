/** The operators' command line: `suture <command>`. */
import { Argument, Command, Help, Option } from 'commander';
import {
  AWS_EXIT_CODES,
  COMMAND_GROUPS,
  type CommandArgument,
  type CommandDefinition,
  type CommandEntry,
  type CommandOption,
  type CommandTerminal,
  EXIT_CODES,
  exitCodesOf,
} from './command.ts';
import { useEnvironment } from './environment-options.ts';
import { REASON_OPTION } from './options/standard.ts';
import { asTyped } from './output/as-typed.ts';
import { paragraphs, wrapOutput, wrapWords } from './output/paragraphs.ts';
import { writable } from './output/writable.ts';
import packageJson from './package.json' with { type: 'json' };
import { runProgram } from './run-program.ts';
import { beginSession, type Session, sessionText } from './session.ts';

/**
 * @param argv in the form of `process.argv`
 * @param addMore adds commands that no list shows
 */
export async function runSuture(
  argv: readonly string[],
  commands: readonly CommandEntry[],
  addMore: (program: Command) => void = () => {},
): Promise<void> {
  const program = await sutureProgram(argv, commands);
  addMore(program);
  await runProgram(program, withHelp(argv, commands));
}

/** Asks for help in place of a command that a group, or the program itself, lacks: as `gh` and `kubectl` do. */
function withHelp(argv: readonly string[], commands: readonly CommandEntry[]): readonly string[] {
  const [group, ...more] = argv.slice(2);
  const isGroup = commands.some((entry) => entry.name === group && 'commands' in entry);
  return group === undefined || (isGroup && more.length === 0) ? [...argv, '--help'] : argv;
}

/** Words of other tools, with Suture's command. */
const COMMANDS_OF_OTHER_TOOLS: Readonly<Record<string, string>> = {
  reject: 'deny',
  undo: 'rollback',
  revert: 'rollback',
  retry: 'replay',
  rerun: 'replay',
  redrive: 'replay, or for dead letters: suture dlq redrive --help',
  ignore: 'exempt',
};

/** Replaces Commander's guess, which compares letters, where a word means a command of Suture. */
export function withCommandOfOtherTools(text: string): string {
  const [, word = ''] = /^error: unknown command '([\w-]+)'/.exec(text) ?? [];
  return Object.hasOwn(COMMANDS_OF_OTHER_TOOLS, word)
    ? `error: unknown command '${word}'. Suture calls it: suture ${COMMANDS_OF_OTHER_TOOLS[word]}\n`
    : text;
}

/** Runs a command whose arguments and options Commander has parsed. */
export type CommandAction = (
  definition: CommandDefinition,
  options: Record<string, any>,
  values: readonly unknown[],
) => Promise<void>;

/** Returns the program with the definition of the command that `argv` names. */
export async function sutureProgram(
  argv: readonly string[],
  commands: readonly CommandEntry[],
  action: CommandAction = performCommand,
): Promise<Command> {
  const program = new Command('suture')
    .description('Closes AWS Security Hub findings by itself. Commands to see what it can do, and to run it.')
    .usage(usageText())
    .option('--installation <name>', 'the installation, as suture configure lists it')
    .option('--profile <name>', 'the profile of the AWS configuration whose credentials are used')
    .addOption(
      new Option(
        '--as <role>',
        'the profile <prefix>-<role>, such as suture-viewer: docs/operate.md#install-and-sign-in',
      )
        .choices(['viewer', 'operator', 'approver'])
        .conflicts('profile'),
    )
    .option('--home-region <region>', "the Region of the ledger and the API, instead of the environment's")
    .addOption(new Option('--region <region>').hideHelp())
    .hook('preAction', (_, command) => useEnvironment(command))
    .configureOutput({
      outputError: (text, write) => write(wrapWords(withCommandOfOtherTools(text))),
      writeErr: (text) => process.stderr.write(asTyped(text)),
    })
    .exitOverride()
    .showHelpAfterError('All commands: suture --help')
    .commandsGroup(`${COMMAND_GROUPS[0]}:`)
    .configureHelp({
      showGlobalOptions: true,
      optionDescription: (option) => asTyped(new Help().optionDescription(option)),
    })
    .addHelpText('after', () => `\n${paragraphs(exitCodeText({ ...EXIT_CODES, ...AWS_EXIT_CODES }))}`);
  // `policy push --version 3` names a version of the policy.
  if (!commands.some(({ name }) => argv.includes(name)))
    program.version(`suture ${packageJson.version}`, '-V, --version', "print Suture's version");
  await addCommands(program, commands, argv, action);
  return program;
}

function usageText(): string {
  const usage = '<command>';
  const typed = asTyped(`suture ${usage}`);
  return typed.startsWith('suture') ? usage : `${usage}   (in this repository: ${typed})`;
}

/** Adds each command with its summary. If `argv` names the command, its file provides options, help and action. */
async function addCommands(
  parent: Command,
  commands: readonly CommandEntry[],
  argv: readonly string[],
  action: CommandAction,
): Promise<void> {
  const entries = commands.toSorted((a, b) => headingIndex(a) - headingIndex(b));
  parent.configureHelp({ ...parent.configureHelp(), subcommandTerm: (command) => termOf(command, entries) });
  for (const entry of entries) {
    const command = parent.command(entry.name).description(entry.summary);
    if (entry.heading) command.helpGroup(`${entry.heading}:`);
    if (!argv.includes(entry.name)) continue;
    if ('commands' in entry) {
      command.showHelpAfterError(`Its commands: suture ${pathOf(command)} --help`);
      await addCommands(command, entry.commands, argv, action);
    } else configure(command, (await entry.load()).default, action);
  }
}

/** Returns the position of the heading: Commander lists groups in the order of their first command. */
const headingIndex = ({ heading }: CommandEntry) => (heading ? COMMAND_GROUPS.indexOf(heading) : 0);

function termOf(command: Command, entries: readonly CommandEntry[]): string {
  const entry = entries.find(({ name }) => name === command.name());
  if (!entry) return new Help().subcommandTerm(command);
  return 'usage' in entry ? `${entry.name} ${entry.usage}` : entry.name;
}

function configure(command: Command, definition: CommandDefinition, action: CommandAction): void {
  const { arguments: values = [], options: ownOptions = [], notes, examples, access } = definition;
  for (const value of values) command.addArgument(argumentOf(value));
  for (const option of ownOptions) command.addOption(optionOf(option));
  const sections = [notes, examples && ['Examples:', ...examples.map((line) => `  ${line}`)].join('\n'), access];
  const help = [...sections, exitCodeText(exitCodesOf(definition))].filter((each) => each !== undefined);
  command.addHelpText('after', () => `\n${paragraphs(help.join('\n\n'))}`);
  command.showHelpAfterError(`Its arguments and options: suture ${pathOf(command)} --help`);
  command.action((...received) =>
    action(definition, { ...command.optsWithGlobals(), ...command.opts() }, received.slice(0, values.length)),
  );
}

/** Returns the words that name a command: `policy push`. */
const pathOf = (command: Command): string =>
  command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

const performCommand: CommandAction = async (definition, options, values) => {
  const isOffline = definition.access === undefined || (definition.isOffline?.(options, ...values) ?? false);
  const session = isOffline ? {} : await beginSession(options.installation, definition);
  const interrupt = listenForInterrupt(definition, options);
  const terminal = { ...terminalOf(definition, session, options), ...(interrupt && { signal: interrupt.signal }) };
  const result = await definition.run({ ...options, ...terminal }, ...values).finally(interrupt?.ignore);
  const { text, failed, fitted } = typeof result === 'string' ? { text: result, failed: false } : result;
  printResult(text, { ...options, fitted });
  if (failed) process.exitCode = 1;
};

const argumentOf = ({ name, text }: CommandArgument) => new Argument(name, text);

function optionOf({ flags, text, required, default: value, choices, repeatable, parse }: CommandOption): Option {
  const option = new Option(flags, required ? `${text} (required)` : text);
  // Commands ask for a reason themselves, with an example of their own.
  option.makeOptionMandatory(required === true && flags !== REASON_OPTION.flags);
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

type TerminalOptions = {
  readonly json?: boolean;
  readonly output?: unknown;
  readonly follow?: boolean;
  readonly watch?: boolean;
  readonly fitted?: true | undefined;
};

function terminalOf({ writes }: CommandDefinition, session: Session, options: TerminalOptions): CommandTerminal {
  const print = (text: string) => console.error(writable(wrapOutput(text, widthOf(process.stderr))));
  const announce = async () => print(wrapWords(await sessionText(session)));
  return {
    progress: print,
    show: print,
    print: (text) => printResult(text, options),
    ...(writes && !options.json && { announce }),
  };
}

/** Does not wrap a format that the person chose, such as `-o wide`. */
function printResult(text: string, { json, output, fitted }: TerminalOptions): void {
  const shown = json || output || fitted ? text : wrapOutput(text, widthOf(process.stdout));
  process.stdout.write(text === '' ? '' : `${writable(shown)}\n`);
}

/** Returns no limit for a pipe or a file. */
const widthOf = ({ columns }: NodeJS.WriteStream): number => columns || Number.POSITIVE_INFINITY;

const STOPPING = 'Stopping after the current item; press Ctrl-C again to stop at once.';

/** Returns a signal that Ctrl-C aborts until `ignore` is called; undefined for a command that Ctrl-C ends at once. */
function listenForInterrupt({ interruptible }: CommandDefinition, { follow, watch }: TerminalOptions) {
  if (!interruptible && !follow && !watch) return undefined;
  const controller = new AbortController();
  const abort = () => {
    if (interruptible) console.error(STOPPING);
    controller.abort();
  };
  process.once('SIGINT', abort);
  return { signal: controller.signal, ignore: () => process.off('SIGINT', abort) };
}
