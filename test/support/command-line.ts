/** The command line in the test's own process, which loads its modules once for many commands. */
import { COMMANDS } from '../../cli/commands.generated.ts';
import { runSuture } from '../../cli/program.ts';
import { SIMULATE_ENTRY } from '../../lab/simulate/entry.ts';

export type CommandLineResult = { readonly code: number; readonly out: string; readonly error: string };

/** Runs `suture` with these arguments, as bin/suture.ts does. One at a time. */
export async function suture(...args: readonly string[]): Promise<CommandLineResult> {
  const out = captureStream(process.stdout);
  const error = captureStream(process.stderr);
  const { error: printError } = console;
  console.error = (...values: unknown[]) => void process.stderr.write(`${values.join(' ')}\n`);
  process.exitCode = undefined;
  try {
    await runSuture([process.execPath, 'bin/suture.ts', ...args], [...COMMANDS, SIMULATE_ENTRY]);
    return { code: Number(process.exitCode ?? 0), out: out.text(), error: error.text() };
  } finally {
    process.exitCode = undefined;
    console.error = printError;
    out.release();
    error.release();
  }
}

function captureStream(stream: NodeJS.WriteStream) {
  const { write } = stream;
  let text = '';
  stream.write = (chunk: string | Uint8Array) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  return {
    text: () => text,
    release: () => {
      stream.write = write;
    },
  };
}
