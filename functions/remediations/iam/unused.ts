/** How long credentials may be unused. AWS lets organizations change neither figure. */
import * as z from 'zod';

export const MAX_UNUSED_DAYS: Readonly<Record<string, number>> = { 'IAM.22': 45, 'IAM.8': 90 };

export const UNUSED_PARAMS = {
  params: z.strictObject({ maxUnusedDays: z.int().min(1).optional(), deletePasswords: z.boolean().default(false) }),
  controlParams: { maxUnusedDays: { stricter: 'less', requires: MAX_UNUSED_DAYS }, deletePasswords: 'own' },
} as const;
