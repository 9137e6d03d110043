/** The options of `npm run sandbox`, and its port, which are checked before anything heavy is loaded. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { parseOptions } from '../../cli/options/parse-options.ts';

export const SERVE_HELP = `npm run sandbox [-- [--port 4599] [--seed | --faulty] [--unwell]
                    [--incident name,…]]

Keeps an AWS organization with Suture deployed running on 127.0.0.1, for SDK
clients and the AWS CLI, until Ctrl-C.

  --port N   listen on this port (default 4599; 0 takes a free one)
  --seed     make the faulty resources of npm start and send its findings; two
             changes wait for your approval, and it prints the commands
  --faulty   make the faulty resources of those findings that Suture fixes, and
             store the findings in Security Hub, but send none: each stays
             faulty until you fix it, as docs/try.md shows
  --unwell   break the installation in the ways that suture doctor finds
  --incident name,…
             cause the situations of these articles of docs/runbook.md, to
             practise them; \`list\` prints the names
  --help     print this text`;

/** In place of the name of an incident. */
export const LIST = 'list';

export type ServeOptions = {
  readonly port: number;
  readonly seed: boolean;
  readonly faulty: boolean;
  readonly unwell: boolean;
  /** Names of incidents, or `list` alone. */
  readonly incidents: readonly string[];
  readonly help: boolean;
};

/** Returns undefined for wrong usage, after it has said what is wrong on standard error. */
export function serveOptions(args: readonly string[]): ServeOptions | undefined {
  try {
    const { values } = parseOptions({
      args: [...args],
      options: {
        port: { type: 'string', default: '4599' },
        seed: { type: 'boolean', default: false },
        faulty: { type: 'boolean', default: false },
        unwell: { type: 'boolean', default: false },
        incident: { type: 'string', multiple: true, default: [] },
        incidents: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`--port takes a number from 0 to 65535, not "${values.port}"`);
    if (values.seed && values.faulty) throw new Error('--seed sends the findings, --faulty does not: give one of them');
    const { incident, incidents: isList, ...switches } = values;
    const named = incident.flatMap((names) => names.split(',')).map((name) => name.trim());
    return { ...switches, port, incidents: isList ? [LIST] : [...new Set(named)] };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${SERVE_HELP}`);
    return undefined;
  }
}

/** Returns the command that a person typed, with another port. */
function withOtherPort(args: readonly string[], port: number): string {
  const others = args.filter((arg, n) => !/^--port(=|$)/.test(arg) && args[n - 1] !== '--port');
  return ['npm run sandbox --', ...others, `--port ${port}`].join(' ');
}

/**
 * Returns false if another process uses the port, after it has said so on standard error.
 * @param args as the person typed them
 */
export async function isFreePort(port: number, args: readonly string[]): Promise<boolean> {
  try {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    console.error(`Port ${port} is taken. Give another one: ${withOtherPort(args, port === 4600 ? 4601 : 4600)}`);
    return false;
  }
}
