/** Files as the person who typed means them: npm runs commands in the repository, wherever it was called. */
import { resolve } from 'node:path';

export const fromCaller = (file: string): string => resolve(process.env.INIT_CWD ?? '.', file);
