/** The commands that the package lacks. Each one says that it needs the repository. */
import type { Command } from 'commander';
import { REPOSITORY_COMMANDS } from '../functions/domain/command-names.ts';
import { shellWord } from '../functions/domain/plain-text.ts';
import { UsageError } from './errors/usage-error.ts';

export function addRepositoryCommands(program: Command): void {
  for (const name of REPOSITORY_COMMANDS)
    program
      .command(name, { hidden: true })
      .description(repositoryText(name, []))
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action((_, command: Command) => {
        throw new UsageError(repositoryText(name, command.args));
      });
}

const IN_CLONE = 'npm run -s suture --';

const repositoryText = (name: string, words: readonly string[]): string =>
  `suture ${name} is not in the package: it needs a clone of the repository of Suture. There, after npm ci: ${[IN_CLONE, name, ...words.map(typed)].join(' ')}`;

/** Returns the word as a person types it. An option needs no quotes. */
const typed = (word: string): string => (/^--?[\w-]+$/.test(word) ? word : shellWord(word));
