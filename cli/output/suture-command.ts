/** Begins every command line that texts name. */
export const SUTURE = 'suture';
