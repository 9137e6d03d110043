/** Begins every command line that texts name. The package prints `suture` instead. */
export const SUTURE = 'npm run -s suture --';
