/** The names in the installation that the session uses. */
import { DEFAULT_PREFIX, type Names, namesOf } from '../../functions/domain/names.ts';

/** Reads `SUTURE_PREFIX`, which the session sets unless a person has set it. */
export const installedNames = (): Names => namesOf({ prefix: process.env.SUTURE_PREFIX || DEFAULT_PREFIX });
