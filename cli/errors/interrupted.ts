/** Ctrl-C ended the command; the message says what was done until then. The command line exits with 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
