import { mostAlike } from '../functions/domain/nearest.ts';

/** Returns the command that finds what the types of a project forbid, with the line. */
export const compilerHint = (project = '.'): string => `The compiler names the line: npx tsc -p ${project}`;

/** Returns the message of an error with which a module fails to load, if it names the wrong member, else its stack. */
export function loadErrorText(error: Error, project?: string): string {
  if (error.name !== 'WrongNameError') return error.stack ?? String(error);
  const { message, wrong, names } = error as Error & { readonly wrong: string; readonly names: readonly string[] };
  const [nearest] = mostAlike(wrong, names);
  return `${message}${nearest ? ` The nearest: ${nearest}.` : ''}\n${compilerHint(project)}`;
}
