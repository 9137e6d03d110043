/** Every command that a text or a page prints works as it is printed. */
import { globSync, readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CommandEntry } from '../../cli/command.ts';
import { COMMANDS } from '../../cli/commands.generated.ts';
import { REASON_OPTION } from '../../cli/options/standard.ts';
import { sutureProgram } from '../../cli/program.ts';
import { REPOSITORY_COMMANDS } from '../../functions/domain/command-names.ts';
import { SIMULATE_ENTRY } from '../../lab/simulate/entry.ts';

const SOURCES = globSync(['{cli,functions,stacks,ip-ranges,lab}/**/*.ts']).filter(
  (path) => !/build\.ts$|command-names\.ts$|domain\/events\.ts$/.test(path),
);
const PAGES = [...globSync('docs/*.md'), 'docs/reference/errors.md', 'README.md'];

/** `…` stands for words that a person writes, and a value in a text for one word. */
const PREFIX = /npm run -s suture -- /g;
/** In the text of a source, `suture` begins a command that can be copied after one of these. */
const IN_TEXT = /(?:: |then |[`'"]|^ *)suture (?=[a-z])/gm;
/** Commands in backticks of these pages are typed as they stand; others name them without their arguments. */
const TYPED_PAGES = [
  ...['README.md', 'docs/operate.md', 'docs/reference/errors.md', 'docs/runbook.md'],
  ...['docs/uninstall.md', 'docs/upgrade.md'],
];
/** The sentence goes on after a command. */
const VERB = /^(?:brings|goes|lists|makes|names|shows)$/;
const COMMENT = /^ *(?:\/?\*|\/\/).*$/gm;

type PrintedCommand = { readonly file: string; readonly line: string };

/** A command ends with the text's quote, a comment, a pipe, or a sign of punctuation at the end of a word. */
function commandAfter(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/"[^"\n]*"|[^\s]+|\n/g)) {
    if (word === '\n' || word.startsWith('#') || word === '|' || word === '>' || VERB.test(word)) break;
    const cut = /^(?<whole>[^`';,)]*)[`';,)]/.exec(word)?.groups?.whole ?? word;
    const ended = cut.length < word.length || (/[.:]$/.test(word) && !word.startsWith('"'));
    const clean = cut.replace(/[.:]$/, '').replace(/^"(.*)"$/, '$1');
    if (clean !== '') words.push(clean);
    if (ended) break;
  }
  return words;
}

/** Stands for each expression in a template literal: numbers, ids and names are one word. */
const VALUE = '7';

const withoutExpressions = (source: string): string => {
  let text = source;
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(/\$\{[^{}]*\}/g, VALUE);
  }
  return text;
};

function printedIn(file: string): PrintedCommand[] {
  const content = readFileSync(file, 'utf8');
  const text = file.endsWith('.ts') ? withoutExpressions(content).replaceAll(COMMENT, '') : content;
  const inPage = TYPED_PAGES.includes(file) ? /(?:`|^)suture (?=[a-z-])/gm : /^suture (?=[a-z-])/gm;
  const prefixes = [PREFIX, file.endsWith('.ts') ? IN_TEXT : inPage];
  return prefixes.flatMap((prefix) =>
    [...text.matchAll(prefix)]
      .map(({ index, 0: found }) => commandAfter(text.slice(index + found.length)).join('\u0000'))
      .filter((line) => line !== '' && !line.startsWith('<command>') && !line.startsWith(VALUE))
      .map((line) => ({ file, line })),
  );
}

const PRINTED = [...SOURCES, ...PAGES].flatMap(printedIn);

/** Parses with the definitions of the commands, and does nothing. */
async function parse(args: readonly string[]): Promise<string> {
  const argv = [process.execPath, 'suture', ...args];
  let error = 'it named no command';
  const program = await sutureProgram(argv, [...COMMANDS, SIMULATE_ENTRY], async (definition, options) => {
    // Commands ask for a reason themselves.
    const needsReason = definition.options?.some(({ flags, required }) => required && flags === REASON_OPTION.flags);
    error = needsReason && !options.reason ? "required option '--reason" : '';
  });
  const quiet = (command: typeof program): void => {
    command.configureOutput({ writeErr: () => {}, writeOut: () => {} });
    for (const each of command.commands) quiet(each);
  };
  quiet(program);
  // --profile and --home-region would set the environment of later tests.
  for (const name of ['AWS_PROFILE', 'AWS_REGION']) vi.stubEnv(name, process.env[name]);
  await program.parseAsync(argv).catch((thrown: unknown) => {
    if (!(thrown instanceof CommanderError)) throw thrown;
    error = thrown.message;
  });
  return error;
}

afterEach(() => vi.unstubAllEnvs());

describe('a printed command', () => {
  it('is found in texts and pages', () => {
    expect(PRINTED.length).toBeGreaterThan(120);
    expect(PRINTED).toContainEqual({ file: 'docs/runbook.md', line: expect.stringMatching(/^resume\0--reason\0/) });
  });
  it.each([...new Map(PRINTED.map((each) => [`${each.file}: ${each.line.replaceAll('\0', ' ')}`, each]))])(
    'works as printed: %s',
    async (_, { line }) => {
      expect(await parse(line.split('\0'))).toMatch(/^(\(outputHelp\))?$/);
    },
  );
  it('is as the installed tool takes it in each text of functions and of the command line', () => {
    const files = SOURCES.filter((path) => /^(functions|cli)\//.test(path) && !/as-typed|command-names/.test(path));
    const inClone = new RegExp(`npm run -s suture -- (?!(?:${REPOSITORY_COMMANDS.join('|')}|\\$\\{words)\\b)`);
    expect(files.filter((path) => inClone.test(readFileSync(path, 'utf8')))).toEqual([]);
  });
  it('is refused by this test if a required option is missing', async () => {
    expect(await parse(['resume'])).toContain("required option '--reason");
    expect(await parse(['reply', '0f6e1a2b'])).toContain('unknown command');
  });
});

describe('the help of a command', () => {
  type Entries = readonly CommandEntry[];
  const leaves = (entries: Entries): Extract<CommandEntry, { readonly usage: string }>[] =>
    entries.flatMap((entry) => ('commands' in entry ? leaves(entry.commands) : [entry]));
  it.each(leaves(COMMANDS).map((entry) => [entry.name, entry] as const))(
    'has examples that work: %s',
    async (_, entry) => {
      const { examples = [] } = (await entry.load()).default;
      expect(examples).not.toEqual([]);
      for (const example of examples)
        for (const part of example
          .split(/ {2,}/)[0]!
          .split(' | ')
          .filter((each) => each.startsWith('suture ')))
          expect(await parse(commandAfter(part.slice('suture '.length)))).toBe('');
    },
  );
  it('says that a refused archive is replayed by a new execution', async () => {
    const replay = COMMANDS.flatMap((entry) => (entry.name === 'replay' && 'load' in entry ? [entry] : []));
    const { notes } = (await replay[0]!.load()).default;
    expect(notes).toContain('whose archive Security Hub refused');
  });
});

describe('doing it again', () => {
  /** Step Functions' and SQS's own operation, its API, and the command that is named after it. */
  const OWN_MEANING = /RedriveExecution|redriveStatus|RedrivePolicy|REDRIVABLE|dlq redrive|dead[- ]letter/i;
  it.each(['docs/runbook.md', 'docs/reference/errors.md', 'docs/operate.md', 'docs/deploy.md', 'docs/policy.md'])(
    'is called a replay in %s',
    (file) => {
      const lines = readFileSync(file, 'utf8').split('\n');
      expect(lines.filter((line) => /redriv/i.test(line) && !OWN_MEANING.test(line))).toEqual([]);
    },
  );
  it.each(['functions', 'cli', 'stacks'])('is called a replay in the texts of %s', (folder) => {
    const texts = globSync(`${folder}/**/*.ts`)
      .filter((file) => !/redrive|dead-letters|generated|api\/routes/.test(file))
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .map((line) => `${file}: ${line.trim()}`),
      )
      .filter((line) => /[`'"][^`'"]* redriv|[Rr]edriven? (the|one|it|them)\b/.test(line) && !OWN_MEANING.test(line))
      .filter((line) => !/: (\/\*\*|\*|\/\/)/.test(line));
    expect(texts).toEqual([]);
  });
});
