import { Unreachable } from '../errors/unreachable.ts';
import { ask } from './ask.ts';

/**
 * @throws Unreachable if standard input is not a terminal, so that nobody can answer
 * @throws Interrupted on Ctrl-C or at the end of input
 */
export async function askMfaCode(device: string, question = ask): Promise<string> {
  if (!process.stdin.isTTY)
    throw new Unreachable(
      `The profile needs a code of ${device}, and standard input is not a terminal. Run the command in a terminal once: its session is kept. Or let credential_process give the credentials.`,
    );
  for (;;) {
    const code = (await question(`MFA code of ${device}: `)).trim();
    if (/^\d{6}$/.test(code)) return code;
    console.error('A code has six digits.');
  }
}
