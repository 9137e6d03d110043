/** The narrowest exception that covers a finding. Pure. */

import type { JobFinding } from '../../functions/domain/job.ts';
import type { Exception, SuturePolicy } from '../../functions/domain/policy.ts';
import { UsageError } from '../errors/usage-error.ts';
import { utcDay } from '../output/utc-day.ts';

const MAX_ID = 64;
const ACCOUNT_RESOURCE = /^AWS::::Account:/;

/**
 * Returns the last day of an exception, such as `2027-01-31`.
 * @param text a day that exists and has not passed, or a number of days from today: `90d`
 * @throws UsageError
 */
export function parseLastDay(text: string, now: number): string {
  const today = utcDay(now);
  const days = /^(\d{1,4})d$/.exec(text)?.[1];
  const day = days === undefined ? text : utcDay(now, Number(days));
  if (!isDay(day))
    throw new UsageError(`--until takes a day (2027-01-31) or a number of days from today (90d), not "${text}".`);
  if (day < today) throw new UsageError(`--until is ${day}, which has passed: today is ${today} (UTC).`);
  return day;
}

/** Compares the text with the date: `Date` takes the 30th of February for the 2nd of March. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/**
 * Returns the criteria that this resource's findings of this control meet, and no other findings. An account setting
 * has the account as its resource in every Region.
 */
export function criteriaFor({ control, account, region, resource }: JobFinding): Exception['criteria'] {
  const isAccount = ACCOUNT_RESOURCE.test(resource?.Id ?? '');
  return {
    ...(control && { control }),
    ...(account && { account }),
    ...(isAccount && region && { region }),
    ...(resource && { resource: resource.Id }),
  };
}

/** Returns a name that no exception of the policy has: the control and the end of the resource's id. */
export function exceptionId({ control = 'finding', resource }: JobFinding, policy: SuturePolicy): string {
  const tail = resource?.Id.split(/[:/]/).at(-1) ?? '';
  const name = hyphenatedName(`${control}-${tail}`).slice(0, MAX_ID - 4) || 'finding';
  const existing = new Set([...policy.suppressions, ...policy.exemptions].map(({ id }) => id));
  for (let n = 1; ; n++) {
    const id = n === 1 ? name : `${name}-${n}`;
    if (!existing.has(id)) return id;
  }
}

const hyphenatedName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
