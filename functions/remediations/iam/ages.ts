/** How old credentials are, and for how long nobody used them. */

const DAY = 86_400_000;

/** Days from then to now; 0 for what happened after `now`. */
export const daysSince = (then: Date, now: Date): number => Math.max(0, now.getTime() - then.getTime()) / DAY;

/**
 * Days since a credential was last used or, where it never was, made. A password that was made anew after its last use
 * counts from when it was made, as the CIS benchmark counts from the last change.
 */
export const daysUnused = (made: Date, used: Date | undefined, now: Date): number =>
  Math.min(daysSince(made, now), used ? daysSince(used, now) : Number.POSITIVE_INFINITY);
