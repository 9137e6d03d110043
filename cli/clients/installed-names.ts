/** The names of the installation whose session `beginSession` began. */
import { DEFAULT_PREFIX, type Names, namesOf } from '../../functions/domain/names.ts';

/** `SUTURE_PREFIX`, like `AWS_REGION`, is set by the session unless a person has set it. */
export const installedNames = (): Names => namesOf({ prefix: process.env.SUTURE_PREFIX || DEFAULT_PREFIX });
