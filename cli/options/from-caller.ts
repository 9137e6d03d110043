/** npm runs commands in the repository, but paths are relative to the folder in which npm was called. */
import { resolve } from 'node:path';

export const fromCaller = (file: string): string => resolve(process.env.INIT_CWD ?? '.', file);
