import type { ReadStream } from 'node:tty';
import { Interrupted } from '../errors/interrupted.ts';

export type KeyInput = Pick<ReadStream, 'on' | 'off' | 'setRawMode' | 'resume' | 'pause'>;
export type KeyOutput = { write(text: string): unknown };

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

/** Returns false for a dumb terminal, such as an editor's, which sends whole lines. */
export const takesKeys = (): boolean => process.stdin.isTTY === true && process.env.TERM !== 'dumb';

/**
 * Asks on standard error, and returns the character of the next key without waiting for Enter. The terminal is in raw
 * mode until then, and always returns to its usual mode. Ignores keys without a character, such as arrows, and every
 * character after the first, which may be meant for another question.
 * @throws Interrupted on Ctrl-C, on Ctrl-D, or at the end of input
 */
export async function pressKey(
  question: string,
  input: KeyInput = process.stdin,
  output: KeyOutput = process.stderr,
): Promise<string> {
  output.write(question);
  input.setRawMode(true);
  try {
    const key = await nextKey(input);
    output.write(key);
    return key;
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write('\n');
  }
}

function nextKey(input: KeyInput): Promise<string> {
  let release = () => {};
  const key = new Promise<string>((resolve, reject) => {
    const interrupt = () => reject(new Interrupted('Interrupted.'));
    const take = (chunk: Buffer | string) => {
      const [first = ''] = String(chunk);
      if (first === CTRL_C || first === CTRL_D) interrupt();
      else if (/[^\p{Cc}\p{Cf}\s]/u.test(first)) resolve(first);
    };
    const listeners = [
      ['data', take],
      ['end', interrupt],
      ['close', interrupt],
      ['error', reject],
    ] as const;
    for (const [event, listener] of listeners) input.on(event, listener);
    release = () => {
      for (const [event, listener] of listeners) input.off(event, listener);
    };
    input.resume();
  });
  return key.finally(release);
}
