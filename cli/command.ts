/** The definition of a command: its help, its arguments and options, and the function that runs it. */

/** The text for standard output. The program exits with 1 if `failed`. */
export type CommandResult = { readonly text: string; readonly failed: boolean };

export type CommandOption = {
  /** As Commander writes them: `--reason <words>`. */
  readonly flags: string;
  readonly text: string;
  readonly required?: true;
  readonly default?: string | number;
  readonly choices?: readonly string[];
  /** The option may be given several times; its values form a list. */
  readonly repeatable?: true;
  /** @throws InvalidArgumentError */
  readonly parse?: (text: string) => unknown;
};

export type CommandArgument = {
  /** `<id>` is required, `[file]` optional, `<file...>` takes several. */
  readonly name: string;
  readonly text: string;
};

export type ExitCodes = { readonly 0: string; readonly 1: string; readonly 2: string };

/** Ways to reach the person at the terminal, which the program adds to a command's options. */
export type CommandTerminal = {
  /** Prints a line of progress; it never is part of the result. */
  readonly progress?: (line: string) => void;
  /** Prints facts that a person needs before answering a question. */
  readonly show?: (text: string) => void;
  /** Aborted by Ctrl-C; only for commands that are `interruptible`. */
  readonly signal?: AbortSignal;
};

export type CommandDefinition<Options = any, Arguments extends readonly unknown[] = any[]> = {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly arguments?: readonly CommandArgument[];
  readonly options?: readonly CommandOption[];
  /** Paragraphs below the options, at most 125 columns wide. */
  readonly notes?: string;
  /** Command lines without `npm run -s suture --`. */
  readonly examples?: readonly string[];
  /** A paragraph about the credentials and permissions that the command needs. */
  readonly access?: string;
  readonly exitCodes?: ExitCodes;
  /** The first Ctrl-C lets the item under way end; the second ends the command. */
  readonly interruptible?: true;
  /** Imports SDK clients and other large modules itself, so that help and wrong usage appear without them. */
  run(options: Options & CommandTerminal, ...values: Arguments): Promise<string | CommandResult>;
};

/** A name that several commands share, such as `policy`. */
export type CommandGroup = { readonly name: string; readonly summary: string };

/** The part of a command that the program knows before it loads the command's file. */
export type CommandEntry = {
  readonly name: string;
  readonly summary: string;
} & (
  | {
      /** `[options] <name>` */
      readonly usage: string;
      readonly load: () => Promise<{ default: CommandDefinition }>;
    }
  | { readonly commands: readonly CommandEntry[] }
);

/** Infers the arguments of a command from its `run`; give `Options` explicitly. */
export const defineCommand = <Options = object, Arguments extends readonly unknown[] = string[]>(
  definition: CommandDefinition<Options, Arguments>,
): CommandDefinition<Options, Arguments> => definition;

export const EXIT_CODES: ExitCodes = { 0: 'all is well', 1: 'something failed', 2: 'wrong usage' };
/** Exit codes of commands that write. */
export const WRITE_EXIT_CODES: ExitCodes = {
  0: 'all of it was done',
  1: 'something failed or was refused',
  2: 'wrong usage or nobody to ask',
};

/** `access` of commands that look at an installation or change it. */
export const SECURITY_ACCOUNT_ACCESS = `
Runs with the credentials and the Region of the environment (or --profile and --region): those of the security account, in its
home Region. For the sandbox, npm run sandbox prints what to export.`.trim();
