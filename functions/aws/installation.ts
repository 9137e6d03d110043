/** The installation that this function belongs to. Its stack sets the prefix. */
import { DEFAULT_PREFIX, type InstallationId, namesOf } from '../domain/names.ts';

export const INSTALLATION: InstallationId = { prefix: process.env.SUTURE_PREFIX ?? DEFAULT_PREFIX };
export const NAMES = namesOf(INSTALLATION);
