/** An expected failure whose message suffices. The command line exits with 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}
