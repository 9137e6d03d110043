import { withCommandsTyped } from '../../functions/domain/command-names.ts';

/** The bundle of the package has `suture ` here, as in every text of its own. */
const TYPED = 'npm run -s suture -- ';

/** Returns text that names commands and pages as they are typed here, also those in texts that functions stored. */
export const asTyped = (text: string): string => withCommandsTyped(text, TYPED);
