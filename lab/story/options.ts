import { parseOptions } from '../../cli/options/parse-options.ts';

export const STORY_HELP = `npm start [-- --verbose | --json]

Runs Suture in its sandbox: an AWS organization in this process, deployed from
the synthesized templates. Findings arrive, and the program shows how each
ends. Nothing leaves this machine. The first run synthesizes the stacks, which
takes longest; later runs reuse them.

  --verbose   also print every finding with its reason, states, change and calls
  --json      print one JSON document { "ok": true, "findings": [...] } on
              standard output, and nothing else; each finding has the columns
              of the table (end, shows), and the expected route and outcome.
              Silence npm itself: npm run -s start -- --json
  --help      print this text

Exit codes: 0 every finding ended as expected, 1 one did not, 2 wrong usage.`;

export const STORY_INTRODUCTION = 'A simulated AWS organization. IAM decides every call, and nothing touches AWS.';

export type StartSettings = { readonly json: boolean; readonly verbose: boolean; readonly help: boolean };

/** Returns undefined for wrong usage, after it has said what is wrong on standard error. */
export function startSettings(args: readonly string[]): StartSettings | undefined {
  try {
    const { values } = parseOptions({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.json && values.verbose) throw new Error('--verbose and --json exclude each other: JSON has everything');
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${STORY_HELP}`);
    return undefined;
  }
}
