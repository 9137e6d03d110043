/** An error that the person at the terminal can correct. The command line exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
