import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseOptions, WrongOption } from '../../../cli/options/parse-options.ts';
import { startSettings } from '../../../lab/story/options.ts';
import { serveOptions } from '../../../lab/story/serve-options.ts';
import { type ProveExit, proveOptions } from '../../../tools/prove/options.ts';

const OPTIONS = {
  setting: { type: 'boolean' },
  of: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;
const parse = (...args: string[]) => parseOptions({ args, allowPositionals: true, options: OPTIONS });

describe('an option', () => {
  it('has its value', () => {
    expect(parse('a', '--of', 'b', '--setting')).toMatchObject({
      values: { of: 'b', setting: true },
      positionals: ['a'],
    });
  });
  it.each([
    [
      'that does not exist, with the nearest',
      ['--settings'],
      'There is no option --settings. Did you mean --setting? --help lists them.',
    ],
    ['that does not exist, with nothing near', ['--xyz=1'], 'There is no option --xyz. --help lists them.'],
    ['of one letter that does not exist', ['-x'], 'There is no option -x. --help lists them.'],
    ['without its value', ['--of'], '--of needs a value.'],
    ['with another option in place of its value', ['--of', '--setting'], '--of needs a value.'],
    ['with a value that it does not take', ['--help=1'], '--help takes no value.'],
  ])('%s is refused', (_, args, message) => {
    expect(() => parse(...args)).toThrow(new WrongOption(message));
  });
  it('is not an argument', () => {
    expect(() => parseOptions({ args: ['a'], options: OPTIONS })).toThrow(/^Unexpected argument 'a'\..*arguments\.$/);
  });
});

describe('a wrong option', () => {
  afterEach(() => vi.restoreAllMocks());

  it('of a proof', async () => {
    const { message, exitCode } = (await proveOptions(['--verbos'])) as ProveExit;
    expect(message).toMatch(/^There is no option --verbos\. Did you mean --verbose\? --help lists them\.\n/);
    expect(exitCode).toBe(2);
  });
  it.each([
    ['npm start', startSettings, '--jsn', '--json'],
    ['npm run sandbox', serveOptions, '--seeds', '--seed'],
  ])('of %s', (_, options, wrong, nearest) => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(options([wrong])).toBeUndefined();
    expect(printed.mock.calls.join()).toContain(
      `There is no option ${wrong}. Did you mean ${nearest}? --help lists them.`,
    );
  });
});
