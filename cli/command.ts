/** `text` goes to standard output, without a further line break if `fitted`. If `failed`, the program exits with 1. */
export type CommandResult = { readonly text: string; readonly failed: boolean; readonly fitted?: true };

export type CommandOption = {
  readonly flags: string;
  readonly text: string;
  readonly required?: true;
  readonly default?: string | number;
  readonly choices?: readonly string[];
  /** The option may be repeated; its values form a list. */
  readonly repeatable?: true;
  /** @throws InvalidArgumentError */
  readonly parse?: (text: string) => unknown;
};

export type CommandArgument = {
  readonly name: string;
  readonly text: string;
};

export type ExitCodes = { readonly 0: string; readonly 1: string; readonly 2: string };

export type CommandTerminal = {
  /** Prints a progress line, which is not part of the result. */
  readonly progress?: (line: string) => void;
  readonly show?: (text: string) => void;
  /** Prints account, Region and caller; only for commands that write. Call it after the checks of usage. */
  readonly announce?: () => Promise<void>;
  /** Prints a part of the result before the command ends. */
  readonly print?: (text: string) => void;
  /** Ctrl-C aborts it; only for `interruptible` commands, and with `--follow` or `--watch`. */
  readonly signal?: AbortSignal;
};

/** The heading in `suture --help` under which a command stands. */
export const COMMAND_GROUPS = ['Look', 'Decide', 'Undo', 'Policy', 'Set up', 'Build'] as const;
export type CommandHeading = (typeof COMMAND_GROUPS)[number];

export type CommandDefinition<Options = any, Arguments extends readonly unknown[] = any[]> = {
  readonly name: string;
  readonly summary: string;
  /** Absent for the commands of a group, whose index.ts has the heading. */
  readonly heading?: CommandHeading;
  readonly arguments?: readonly CommandArgument[];
  readonly options?: readonly CommandOption[];
  /** Paragraphs below the options, at most 125 columns wide. */
  readonly notes?: string;
  /** Command lines without `suture`. */
  readonly examples?: readonly string[];
  readonly access?: string;
  readonly exitCodes?: ExitCodes;
  /** Returns true for a command line that makes no call to AWS although the command has `access`. */
  readonly isOffline?: (options: Options, ...values: Arguments) => boolean;
  /** The command runs in another account than the installation's, and checks the account itself. */
  readonly inOtherAccount?: true;
  /** The command changes something, so its first line names account and Region. */
  readonly writes?: true;
  /** The first Ctrl-C lets the current item end; the second ends the command. */
  readonly interruptible?: true;
  /** Must import SDK clients and other large modules dynamically, so that help and wrong usage appear without them. */
  run(options: Options & CommandTerminal, ...values: Arguments): Promise<string | CommandResult>;
};

export type CommandGroup = { readonly name: string; readonly summary: string; readonly heading: CommandHeading };

/** A command before its file is loaded. */
export type CommandEntry = {
  readonly name: string;
  readonly summary: string;
  readonly heading?: CommandHeading;
} & (
  | {
      readonly usage: string;
      readonly load: () => Promise<{ default: CommandDefinition }>;
    }
  | { readonly commands: readonly CommandEntry[] }
);

/** Infers the arguments of a command from its `run`; give `Options` explicitly. */
export const defineCommand = <Options = object, Arguments extends readonly unknown[] = string[]>(
  definition: CommandDefinition<Options, Arguments>,
): CommandDefinition<Options, Arguments> => definition;

/** Codes of every command that asks AWS, besides its own. */
export const AWS_EXIT_CODES = {
  3: 'AWS or the installation could not be asked (credentials, Region, endpoint)',
  130: 'interrupted',
} as const;
export const EXIT_CODES: ExitCodes = { 0: 'all is well', 1: 'something failed or needs a person', 2: 'wrong usage' };
export const WRITE_EXIT_CODES: ExitCodes = {
  0: 'all of it was done',
  1: 'something failed or was refused',
  2: 'wrong usage or nobody to ask',
};

/** Returns each exit code with its meaning. */
export const exitCodesOf = ({ exitCodes = EXIT_CODES, access }: CommandDefinition): Readonly<Record<number, string>> =>
  access === undefined ? exitCodes : { ...exitCodes, ...AWS_EXIT_CODES };

/** `access` of commands that read or change an installation. */
export const SECURITY_ACCOUNT_ACCESS = `
Runs with the credentials and the Region of the environment (or --profile and --home-region, or an installation that suture
configure named): those of the security account, in its home Region. For the sandbox, npm run sandbox prints what to export.`.trim();
