/** The ages of credentials. */

const DAY_MS = 86_400_000;

/** Returns the days from `then` to `now`, or 0 if `then` is later. */
export const daysSince = (then: Date, now: Date): number => Math.max(0, now.getTime() - then.getTime()) / DAY_MS;

/**
 * Returns the days since a credential was last used or, if it never was, since it was created. A password that was
 * created again after its last use counts from its creation, as the CIS benchmark counts from the last change.
 */
export const daysUnused = (createdAt: Date, lastUsedAt: Date | undefined, now: Date): number =>
  Math.min(daysSince(createdAt, now), lastUsedAt ? daysSince(lastUsedAt, now) : Number.POSITIVE_INFINITY);
