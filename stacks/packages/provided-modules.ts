import { PROVIDED_SOURCES } from './contract-version.ts';

/**
 * Returns whether a package gets this module from Suture, whatever it has installed itself: what is proven is what is
 * deployed. These are also the only ones that it may import.
 */
export const isProvided = (specifier: string): boolean =>
  Object.hasOwn(PROVIDED_SOURCES, specifier) || /^(zod|@aws-sdk\/client-[a-z0-9-]+)$/.test(specifier);
