/**
 * Events that Suture publishes on its bus: one schema for each detail-type, which ends in its version. Within a
 * version, no member is removed or changes its meaning; new ones may be added. Delivery is at least once, with the same
 * `id`.
 */
import * as z from 'zod';
import { EventMessage, eventMessage } from './event-message.ts';
import { isFixedByOwner } from './grace.ts';
import type { Job } from './job.ts';
import { type ExecutionFailure, reasonOf, receivedAt } from './ledger.ts';
import { Management } from './managed.ts';
import { OwnerPatch } from './owner-patch.ts';
import { ResourceOwner } from './resource-owner.ts';
import { Reverted } from './reverted.ts';
import { sourceIdentity } from './trace.ts';

export const SOURCE = 'suture';

const Common = z.object({
  version: z.literal(1),
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
  sourceIdentity: z.string().describe('Has every call of the execution in CloudTrail as its source identity'),
  receivedAt: z.iso.datetime().describe('Arrival of the event with the finding'),
  at: z.iso.datetime(),
  summary: z.string().describe('What happened, or why nothing happened, in a line'),
  managedBy: Management.optional().describe('The code that manages the resource, and the change in its language'),
  owner: ResourceOwner.optional().describe('Who owns the resource, and where its owner is told'),
  dueBy: z.iso.datetime().optional().describe('Until then the owner has time, before Suture goes on'),
  reverted: Reverted.optional().describe(
    "The deployment or caller that has undone Suture's last fix, and how many fixes are undone. `source` names CloudTrail if it says so",
  ),
  patch: OwnerPatch.optional().describe('The change for those who manage the resource by code'),
  message: EventMessage.optional().describe(
    'Text for chats and tickets, without links, mentions, formatting, line breaks, quotation marks and backslashes; absent in events of earlier releases',
  ),
});
const change = { before: z.unknown(), after: z.unknown() };

export const EVENTS = {
  'suture.finding.fixed.v1': Common.extend({
    ...change,
    secondsToFix: z.number().describe('From receivedAt to the verified fix'),
    approvedBy: z.string().optional(),
  }).describe('The resource was changed, and a second look verified the change'),
  'suture.finding.compliant.v1': Common.extend({
    fixedByOwner: z.literal(true).optional().describe('Its owner was told before, and has made the change'),
  }).describe('The resource was already as it should be'),
  'suture.finding.refused.v1': Common.extend({ deniedBy: z.string().optional() }).describe(
    'The resource was left alone: by a safeguard, or because a person denied the change or nobody answered',
  ),
  'suture.finding.notified.v1': Common.extend(change).describe(
    'Its owner is to change the resource, until `dueBy` if that is present; otherwise code manages it, and policy leaves the change to its owner',
  ),
  'suture.finding.reminder.v1': Common.extend(change).describe(
    'A day before `dueBy`: its owner has not changed the resource yet',
  ),
  'suture.finding.planned.v1': Common.extend(change).describe('Policy says observe: what would be changed'),
  'suture.finding.waiting.v1': Common.extend({
    ...change,
    approval: z.string().describe('The name for `suture approve`'),
    until: z.iso.datetime().describe('Deadline, after which the change counts as denied'),
    loses: z.string().optional().describe('What the change loses permanently'),
  }).describe('A change waits for a person'),
  'suture.finding.archived.v1': Common.describe('The finding was suppressed by a rule of the policy'),
  'suture.finding.failed.v1': Common.extend({
    error: z.string(),
    state: z.string().optional().describe('The state of the workflow that failed'),
    attempts: z.int().optional(),
  }).describe('The execution failed; nothing more happens until somebody replays it'),
  'suture.finding.reopened.v1': Common.extend({ times: z.int() }).describe(
    'The finding still fails a day after its fix, and was set back to NEW',
  ),
  'suture.finding.rolled-back.v1': Common.extend({
    ...change,
    by: z.string().describe('ARN of the person who requested it'),
  }).describe(
    'A fix was undone: the resource is as it was before, and is left alone until somebody replays the finding',
  ),
  'suture.finding.unresolved.v1': Common.extend({ times: z.int() }).describe(
    'The finding still fails after several fixes; Suture leaves it to a person',
  ),
} as const;
export type EventName = keyof typeof EVENTS;
export type EventDetail<N extends EventName> = z.infer<(typeof EVENTS)[N]>;
export type SutureEvent = {
  readonly [N in EventName]: { readonly name: N; readonly detail: EventDetail<N> };
}[EventName];

/** Returns the event of an execution that ended without an error; undefined if nothing is published about it. */
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
    return {
      name: 'suture.finding.compliant.v1',
      detail: { ...common(job, at, 'compliant'), ...(isFixedByOwner(job) && { fixedByOwner: true }) },
    };
  if (result?.kind === 'refused') return { name: 'suture.finding.refused.v1', detail: common(job, at, 'refused') };
  if (result?.kind === 'planned' || result?.kind === 'notified') {
    const { kind, before, after } = result;
    return { name: `suture.finding.${kind}.v1`, detail: { ...common(job, at, kind), before, after } };
  }
  return undefined;
}

/** Returns undefined for a refused rollback, which changes nothing. */
function eventOfRollback(job: Job, at: string): SutureEvent | undefined {
  const { result, askedBy = 'unknown' } = job;
  if (result?.kind !== 'fixed' && result?.kind !== 'compliant') return undefined;
  const { before, after } = { before: undefined, after: undefined, ...result };
  return {
    name: 'suture.finding.rolled-back.v1',
    detail: { ...common(job, at, 'rolled-back'), before, after, by: askedBy },
  };
}

export function eventOfWaiting(job: Job, approval: string, askedAt: string): SutureEvent {
  const planned = job.result?.kind === 'planned' ? job.result : undefined;
  return {
    name: 'suture.finding.waiting.v1',
    detail: {
      ...common(job, askedAt, job.askedAgain ? `waiting-${job.askedAgain}` : 'waiting'),
      before: planned?.before,
      after: planned?.after,
      loses: planned?.loses,
      approval,
      until: new Date(Date.parse(askedAt) + (job.work?.approvalSeconds ?? 0) * 1000).toISOString(),
    },
  };
}

/** Returns the event of a notice to the owner, with one id for each end of the owner's time. */
export function eventOfNotice(job: Job, at: string): SutureEvent {
  const { before, after } = { before: undefined, after: undefined, ...job.result };
  const kind = job.notice === 'reminder' ? 'reminder' : 'notified';
  const detail = common(job, at, `${kind}-${Date.parse(job.dueBy ?? at)}`);
  return { name: `suture.finding.${kind}.v1`, detail: { ...detail, before, after } };
}

export const eventOfFailure = (job: Job, { error, message, state, attempts, at }: ExecutionFailure): SutureEvent => ({
  name: 'suture.finding.failed.v1',
  detail: { ...common(job, at, `failed-${Date.parse(at)}`, message), error, state, attempts },
});

/** @param times reopenings so far, including this one */
export const eventOfReopening = (
  job: Job,
  kind: 'reopened' | 'unresolved',
  times: number,
  at: string,
): SutureEvent => ({
  name: `suture.finding.${kind}.v1`,
  detail: {
    ...common(
      job,
      at,
      `${kind}-${times}`,
      kind === 'reopened'
        ? 'It still fails a day after its fix, so it is processed again.'
        : 'It still fails though it was fixed again and again: something undoes the fix, or the control looks at something else.',
    ),
    times,
  },
});

/** @param what such as `fixed`, with a number if a finding has several such events */
function common(job: Job, at: string, what: string, summary = reasonOf(job)): z.infer<typeof Common> {
  const { id, productArn, control, title, severity, account, region, resource } = job.finding;
  const identity = sourceIdentity(job.execution);
  const { managedBy, patch, reverted }: { managedBy?: Management; patch?: OwnerPatch; reverted?: Reverted } =
    job.result && 'version' in job.result ? job.result : {};
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
    remediation: job.work?.remediation,
    execution: job.execution,
    sourceIdentity: identity,
    receivedAt: new Date(receivedAt(job)).toISOString(),
    at,
    summary,
    managedBy,
    owner: job.owner,
    dueBy: job.dueBy,
    reverted,
    patch,
    message: eventMessage(job.finding, what.replace(/-\d+$/, ''), { summary, managedBy, patch, owner: job.owner }),
  };
}
