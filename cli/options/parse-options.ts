/** Options of programs without Commander: tools, `npm start` and `npm run sandbox`. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { suggestion } from '../../functions/domain/nearest.ts';

/** An option that a program does not have, or that is written wrongly. The message says which, and the nearest. */
export class WrongOption extends Error {
  override readonly name = 'UsageError';
}

/**
 * Parses options as Node's `parseArgs` does.
 * @throws WrongOption
 */
export function parseOptions<T extends ParseArgsConfig>(config: T) {
  try {
    return parseArgs(config);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('ERR_PARSE_ARGS_')) throw error;
    throw new WrongOption(wrongOptionText(code, message, Object.keys(config.options ?? {})));
  }
}

function wrongOptionText(code: string, message: string, names: readonly string[]): string {
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const [, option = ''] = /'(-.*?)'/.exec(message) ?? [];
    const options = [...new Set([...names, 'help'])].map((name) => `--${name}`);
    const [, nearest] = /did you mean (.*)\?$/.exec(suggestion(option, options)) ?? [];
    return `There is no option ${option}.${nearest ? ` Did you mean ${nearest}?` : ''} --help lists them.`;
  }
  if (code !== 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') return `${message.replace(/\.$/, '')}.`;
  const [, option = ''] = /^Option '(?:-\w, )?(--[\w-]+)/.exec(message) ?? [];
  return message.includes('does not take') ? `${option} takes no value.` : `${option} needs a value.`;
}
