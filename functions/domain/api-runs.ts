/**
 * Requests of runs: a person begins a run of one kind with a reason, sends its items one after the other, and ends it.
 * Nothing in them says who acts.
 */
import * as z from 'zod';
import { Proposal } from './proposal.ts';

/** The actions of runs in the audit trail, by the API's paths. */
export const RUN_KINDS = {
  replays: 'replay',
  rollbacks: 'rollback',
  redrives: 'dlq redrive',
  'event-replays': 'events replay',
  backfills: 'backfill',
} as const;
export type RunKind = keyof typeof RUN_KINDS;
export type RunAction = (typeof RUN_KINDS)[RunKind];

const text = (maxLength: number) => z.string().trim().min(1).max(maxLength);
export const Reason = text(300);
const startedAt = z.iso.datetime();
/** Security Hub's quota for ids in a filter. */
const MAX_FINDINGS = 20;

export const RunId = z.string().regex(/^[0-9a-f]{12}$/, 'twelve hexadecimal digits');

export const BeginRunRequest = z.strictObject({
  reason: Reason,
  /** The items that the person selected. A run with the same selection continues an interrupted one. */
  selection: z
    .record(z.string().max(64), z.union([z.string().max(2048), z.number(), z.boolean(), z.null()]))
    .refine((selection) => Object.keys(selection).length <= 16, 'at most 16 members'),
});
export type BeginRunRequest = z.infer<typeof BeginRunRequest>;

export const BeginRunReply = z.object({
  run: RunId,
  startedAt,
  isContinued: z.boolean(),
  /** Results by item. */
  completed: z.record(z.string(), z.string()),
});
export type BeginRunReply = z.infer<typeof BeginRunReply>;

const finding = text(512);

export const ReplayItem = z.strictObject({
  startedAt,
  finding,
  how: z.enum(['redrive', 'start']),
  options: z.strictObject({ again: z.boolean().optional(), early: z.boolean().optional() }).default({}),
});
export type ReplayItem = z.infer<typeof ReplayItem>;

export const RollbackItem = z.strictObject({
  startedAt,
  finding,
  /** The execution that made the change, and its start. */
  execution: text(2048),
  started: z.iso.datetime(),
  force: z.boolean().optional(),
});
export type RollbackItem = z.infer<typeof RollbackItem>;

export const BackfillItem = z.strictObject({
  startedAt,
  findings: z.array(finding).min(1).max(MAX_FINDINGS),
  /** Otherwise the executions only plan. */
  apply: z.boolean(),
});
export type BackfillItem = z.infer<typeof BackfillItem>;

export const RedriveItem = z.strictObject({
  startedAt,
  queue: text(80),
  perSecond: z.number().int().min(1).max(500),
  /** Of an earlier reply of this command: later messages stay in the queue. */
  until: z.iso.datetime().optional(),
});
export type RedriveItem = z.infer<typeof RedriveItem>;

export const EventReplayItem = z.strictObject({ startedAt, from: z.iso.datetime(), to: z.iso.datetime() });
export type EventReplayItem = z.infer<typeof EventReplayItem>;

export const EndRunRequest = z.strictObject({ startedAt, counts: z.record(z.string().max(32), z.number().int()) });
export type EndRunRequest = z.infer<typeof EndRunRequest>;

export const ItemReply = z.object({ result: z.string() });
/** `results` by finding. */
export const BackfillReply = z.object({ results: z.record(z.string(), z.string()), problems: z.array(z.string()) });
/** `isMore`: the queue may have more messages. */
export const RedriveReply = z.object({
  redriven: z.number(),
  /** Ids of messages that came later than `until`. They stay in the queue. */
  later: z.array(z.string()),
  /** Hashes of what the messages say. A message that comes back has a new id, and the same content. */
  contents: z.object({ redriven: z.array(z.string()), later: z.array(z.string()) }).optional(),
  until: z.iso.datetime(),
  problems: z.array(z.string()),
  isMore: z.boolean(),
});
export type RedriveReply = z.infer<typeof RedriveReply>;

/** `all`: stops the address-range updater too. Without it, the updater still adds ranges that AWS publishes. */
export const StopRequest = z.strictObject({ reason: Reason, all: z.literal(true).optional() });
/** `at`: the time of the stop that the person saw. Any other stop stays. */
export const ResumeRequest = z.strictObject({ reason: Reason, at: z.string().max(64).nullable() });
/** `proposal`: somebody else must approve it before. */
export const SwitchReply = z.object({ isChanged: z.boolean(), proposal: Proposal.optional() });
export type SwitchReply = z.infer<typeof SwitchReply>;
