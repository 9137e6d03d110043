import { explainError } from '../errors/explain-error.ts';

/** Ends the process quietly when the reader of its output closes the pipe, as `head` does, and with 1 on a full disk. */
export function exitOnOutputError(): void {
  // Compares names, because each test file has its own copy of this module, and they share stdout.
  const isListening = process.stdout.listeners('error').some(({ name }) => name === exitFor.name);
  if (!isListening) process.stdout.on('error', exitFor);
}

function exitFor(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  const { message, exitCode } = explainError(error);
  console.error(message);
  process.exit(exitCode);
}
