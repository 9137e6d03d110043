/** The error of a command that Ctrl-C ended. The message says what is done. The command line exits with 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
