/**
 * Resends events in the dead-letter queue of a place of tickets, if the ledger still agrees with them. An event that
 * another one has followed would leave a ticket in a state that no later event ends.
 */
import * as z from 'zod';
import type { EventName } from '../domain/events.ts';
import type { FindingStatus } from '../domain/ledger.ts';
import { type InstallationId, namesOf } from '../domain/names.ts';
import type { MessageEvent, MessageEventName } from '../domain/owner-message.ts';
import { destinationName } from '../domain/place-queue.ts';
import type { DeadLetter } from '../ports/dead-letters.ts';
import type { LedgerRecord } from '../ports/ledger-queries.ts';

export type ResendEventDeps = {
  readonly installation: InstallationId;
  readonly record: (finding: string) => Promise<LedgerRecord | undefined>;
  readonly publishMessage: (event: MessageEvent) => Promise<void>;
};

/** The beginning of the result of a message that nobody gets. */
export const DROPPED = 'dropped: ';

const TEST = 'suture.message.test.v1' satisfies MessageEventName;
const AGAIN = 'suture.message.again.v1' satisfies MessageEventName;
const Letter = z.object({
  'detail-type': z.string(),
  detail: z.looseObject({ again: z.object({ event: z.string() }).optional() }),
});
const FindingDetail = z.looseObject({
  version: z.literal(1),
  id: z.string(),
  finding: z.looseObject({ id: z.string() }),
  execution: z.string(),
  at: z.string(),
});
type FindingDetail = z.infer<typeof FindingDetail>;

/** Resends the event in the letter to the rule that failed. Returns the result in words. */
export async function resendEvent(letter: DeadLetter, place: string, deps: ResendEventDeps): Promise<string> {
  const { 'detail-type': type, detail } = Letter.parse(JSON.parse(letter.body));
  const event = type === AGAIN ? (detail.again?.event ?? type) : type;
  const parsed = FindingDetail.safeParse(detail);
  if (event === TEST)
    return `${DROPPED}${event} is a test, about no finding. Another one: suture messages test ${place}`;
  if (!event.startsWith('suture.finding.') || !parsed.success)
    return `${DROPPED}${event} is about an earlier day. See the findings as they are now: suture list --status notified --since 7d`;
  const rule = ruleOf(letter, place, deps.installation);
  if (rule === undefined) return `${DROPPED}it does not say which rule of ${place} failed`;
  const outdated = reasonOutdated(event, parsed.data, await deps.record(parsed.data.finding.id));
  if (outdated !== undefined) return `${DROPPED}${outdated}`;
  await deps.publishMessage({ name: AGAIN, detail: { ...parsed.data, again: { place, rule, event } } });
  return `sent to ${place} again`;
}

/** Returns the rule without the name of its place. */
function ruleOf({ ruleArn = '' }: DeadLetter, place: string, installation: InstallationId): string | undefined {
  const start = `${namesOf(installation).own(destinationName(place))}-`;
  const name = ruleArn.slice(ruleArn.lastIndexOf('/') + 1);
  return name.startsWith(start) ? name.slice(start.length) : undefined;
}

/** The statuses with which an event still agrees. `reopened` has none: the next execution's event follows it. */
const STATUSES: Readonly<Partial<Record<EventName, readonly FindingStatus[]>>> = {
  'suture.finding.notified.v1': ['NOTIFIED', 'WAITING'],
  'suture.finding.reminder.v1': ['WAITING'],
  'suture.finding.waiting.v1': ['WAITING'],
  'suture.finding.planned.v1': ['PLANNED'],
  'suture.finding.failed.v1': ['FAILED'],
  'suture.finding.unresolved.v1': ['FAILED'],
  'suture.finding.refused.v1': ['REFUSED'],
  'suture.finding.fixed.v1': ['FIXED'],
  'suture.finding.compliant.v1': ['COMPLIANT'],
  'suture.finding.archived.v1': ['ARCHIVED'],
  'suture.finding.rolled-back.v1': ['ROLLED_BACK'],
};

/** Returns why the event does not hold any more; undefined if it does. */
function reasonOutdated(event: string, { execution, at }: FindingDetail, record: LedgerRecord | undefined) {
  if (!record) return 'the ledger does not know its finding';
  const { lastExecution, ofStatus, reopenedAt = '' } = record;
  if (lastExecution !== execution) return `a later execution, ${lastExecution}, has its finding`;
  const isReopened = reopenedAt > at && event !== 'suture.finding.unresolved.v1';
  const holds = STATUSES[event as EventName]?.includes(ofStatus) ?? false;
  return holds && !isReopened ? undefined : `its finding is ${isReopened ? 'reopened' : ofStatus} meanwhile`;
}
