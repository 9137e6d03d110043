import { withCommandsTyped } from '../../functions/domain/command-names.ts';

/** The bundle of the package has `suture ` here, as in all of its texts. */
const TYPED = 'npm run -s suture -- ';

/** Names commands and pages as a person types them here, also in texts that functions stored. */
export const asTyped = (text: string): string => withCommandsTyped(text, TYPED);
