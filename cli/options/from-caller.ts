/** Paths on the command line. npm runs commands in the repository, wherever it was called. */
import { resolve } from 'node:path';

/** Resolves a path against the folder in which npm was called. */
export const fromCaller = (file: string): string => resolve(process.env.INIT_CWD ?? '.', file);
