/**
 * Events that Suture puts onto its bus for subscribers: one schema a detail-type, whose end is its version. A member is never
 * taken away or given another meaning within a version; new ones may come. Delivered at least once: `id` stays the same.
 */
import * as z from 'zod';
import type { Job } from './job.ts';
import { type Failure, reasonOf, receivedAt } from './ledger.ts';
import { sourceIdentity } from './trace.ts';

/** `source` of every event. */
export const SOURCE = 'suture';

const Common = z.object({
  version: z.literal(1),
  /** The same when the event is delivered again. */
  id: z.string().describe('The same when the event is delivered again'),
  finding: z.object({
    id: z.string(),
    productArn: z.string(),
    control: z.string().optional(),
    title: z.string().optional(),
    severity: z.string().optional(),
    account: z.string().optional(),
    region: z.string().optional(),
    resource: z.object({ type: z.string(), id: z.string() }).optional(),
  }),
  remediation: z.string().optional(),
  execution: z.string().describe('ARN of the execution'),
  sourceIdentity: z.string().describe('By which CloudTrail finds every call that the execution made'),
  receivedAt: z.iso.datetime().describe('When the event with the finding arrived'),
  at: z.iso.datetime(),
  summary: z.string().describe('What happened, or why nothing did, in a line'),
});
const change = { before: z.unknown(), after: z.unknown() };

export const EVENTS = {
  'suture.finding.fixed.v1': Common.extend({
    ...change,
    secondsToFix: z.number().describe('From receivedAt to the verified fix'),
    approvedBy: z.string().optional(),
  }).describe('The resource was changed, and looked at again: the change holds'),
  'suture.finding.compliant.v1': Common.describe('The resource was as it should be already'),
  'suture.finding.refused.v1': Common.extend({ deniedBy: z.string().optional() }).describe(
    'The resource was left alone: by a safeguard, or because a person denied the change or nobody answered',
  ),
  'suture.finding.planned.v1': Common.extend(change).describe('Policy says observe: what would be changed'),
  'suture.finding.waiting.v1': Common.extend({
    ...change,
    approval: z.string().describe('By which suture approve names it'),
    until: z.iso.datetime().describe('When it is denied because nobody answered'),
    loses: z.string().optional().describe('What the change loses for good'),
  }).describe('A change waits for a person'),
  'suture.finding.archived.v1': Common.describe('The finding was suppressed by a rule of the policy'),
  'suture.finding.failed.v1': Common.extend({
    error: z.string(),
    state: z.string().optional().describe('The state of the workflow that failed'),
    attempts: z.int().optional(),
  }).describe('The execution failed; nothing more happens until it is redriven'),
  'suture.finding.reopened.v1': Common.extend({ times: z.int() }).describe(
    'The finding still fails a day after its fix, and was taken back to NEW',
  ),
  'suture.finding.rolled-back.v1': Common.extend({
    ...change,
    by: z.string().describe('ARN of who asked for it'),
  }).describe(
    'A fix was undone: the resource is as it was before, and is left alone until somebody replays the finding',
  ),
  'suture.finding.unresolved.v1': Common.extend({ times: z.int() }).describe(
    'The finding still fails though it was fixed several times; Suture leaves it to a person',
  ),
} as const;
export type EventName = keyof typeof EVENTS;
export type EventDetail<N extends EventName> = z.infer<(typeof EVENTS)[N]>;
/** An event of any name with the detail that belongs to it. */
export type SutureEvent = {
  readonly [N in EventName]: { readonly name: N; readonly detail: EventDetail<N> };
}[EventName];

/** The event that tells how a case ended; undefined for ends that are nobody's news. */
export function eventOfEnd(job: Job, at: string): SutureEvent | undefined {
  const { result, approval } = job;
  if (job.work?.mode === 'rollback') return eventOfRollback(job, at);
  if (approval && !approval.approved)
    return { name: 'suture.finding.refused.v1', detail: { ...common(job, at, 'refused'), deniedBy: approval.by } };
  if (job.route === 'archive') return { name: 'suture.finding.archived.v1', detail: common(job, at, 'archived') };
  if (result?.kind === 'fixed')
    return {
      name: 'suture.finding.fixed.v1',
      detail: {
        ...common(job, at, 'fixed'),
        before: result.before,
        after: result.after,
        secondsToFix: (Date.parse(at) - Date.parse(receivedAt(job))) / 1000,
        approvedBy: approval?.by,
      },
    };
  if (result?.kind === 'compliant')
    return { name: 'suture.finding.compliant.v1', detail: common(job, at, 'compliant') };
  if (result?.kind === 'refused') return { name: 'suture.finding.refused.v1', detail: common(job, at, 'refused') };
  if (result?.kind === 'planned') {
    const { before, after } = result;
    return { name: 'suture.finding.planned.v1', detail: { ...common(job, at, 'planned'), before, after } };
  }
  return undefined;
}

/** Undefined for one that was refused: nothing has changed. */
function eventOfRollback(made: Job, at: string): SutureEvent | undefined {
  const { result, askedBy = 'unknown' } = made;
  if (result?.kind !== 'fixed' && result?.kind !== 'compliant') return undefined;
  const { before, after } = { before: undefined, after: undefined, ...result };
  return {
    name: 'suture.finding.rolled-back.v1',
    detail: { ...common(made, at, 'rolled-back'), before, after, by: askedBy },
  };
}

/** A change waits since `askedAt`, under the name `approval`. */
export function eventOfWaiting(made: Job, approval: string, askedAt: string): SutureEvent {
  const planned = made.result?.kind === 'planned' ? made.result : undefined;
  return {
    name: 'suture.finding.waiting.v1',
    detail: {
      ...common(made, askedAt, 'waiting'),
      before: planned?.before,
      after: planned?.after,
      loses: planned?.loses,
      approval,
      until: new Date(Date.parse(askedAt) + (made.work?.approvalSeconds ?? 0) * 1000).toISOString(),
    },
  };
}

export const eventOfFailure = (made: Job, { error, message, state, attempts, at }: Failure): SutureEvent => ({
  name: 'suture.finding.failed.v1',
  detail: { ...common(made, at, `failed-${Date.parse(at)}`), summary: message, error, state, attempts },
});

/** It was taken back to NEW for the `times`th time, or is given up after so many. */
export const eventOfReopening = (
  made: Job,
  kind: 'reopened' | 'unresolved',
  times: number,
  at: string,
): SutureEvent => ({
  name: `suture.finding.${kind}.v1`,
  detail: {
    ...common(made, at, `${kind}-${times}`),
    summary:
      kind === 'reopened'
        ? 'It still fails a day after its fix, so it is dealt with again.'
        : 'It still fails though it was fixed again and again: something undoes the fix, or the control looks at something else.',
    times,
  },
});

function common(made: Job, at: string, what: string): z.infer<typeof Common> {
  const { id, productArn, control, title, severity, account, region, resource } = made.finding;
  const identity = sourceIdentity(made.execution);
  return {
    version: 1,
    id: `${identity}-${what}`,
    finding: {
      id,
      productArn,
      control,
      title,
      severity,
      account,
      region,
      resource: resource && { type: resource.Type, id: resource.Id },
    },
    remediation: made.work?.remediation,
    execution: made.execution,
    sourceIdentity: identity,
    receivedAt: new Date(receivedAt(made)).toISOString(),
    at,
    summary: reasonOf(made),
  };
}
