/** The commands that the package lacks. Each one says where it is. */
import type { Command } from 'commander';
import { REPOSITORY_COMMANDS } from '../functions/domain/command-names.ts';
import { shellWord } from '../functions/domain/plain-text.ts';
import { UsageError } from './errors/usage-error.ts';

export function addRepositoryCommands(program: Command): void {
  for (const name of REPOSITORY_COMMANDS)
    program
      .command(name, { hidden: true })
      .description(elsewhereText(name, []))
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action((_, command: Command) => {
        throw new UsageError(elsewhereText(name, command.args));
      });
}

/** Without the space that ends it in texts, which the bundle would replace. */
const IN_CLONE = 'npm run -s suture --';

const elsewhereText = (name: string, words: readonly string[]): string =>
  `suture ${name} is not in the package: it needs a clone of the repository of Suture. There, after npm ci: ${[IN_CLONE, name, ...words.map(typed)].join(' ')}`;

/** An option is one word, too. */
const typed = (word: string): string => (/^--?[\w-]+$/.test(word) ? word : shellWord(word));
