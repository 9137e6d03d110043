import type { ReplaySource } from '../../../functions/aws/event-replay.ts';
import { findingEventsQueue } from '../../../functions/domain/dead-letters.ts';
import type { OperatorEnvironment } from '../../clients/operator.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS, WRITE_EXIT_CODES } from '../../command.ts';
import { UsageError } from '../../errors/usage-error.ts';
import { parseReason } from '../../options/reason.ts';
import { jsonOption, REASON_OPTION, TIME_FORMS, YES_OPTION } from '../../options/standard.ts';
import { parseTime } from '../../options/time.ts';
import { confirm } from '../../output/confirm.ts';
import { countText } from '../../output/count-text.ts';
import { problemLines } from '../../output/terminal.ts';

export type EventsReplayOptions = OperatorEnvironment & {
  readonly from: string;
  readonly to?: string;
  readonly reason?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly show?: (text: string) => void;
};

export default defineCommand<EventsReplayOptions>({
  name: 'replay',
  summary: 'send the archived events of findings through the rules again',
  options: [
    { flags: '--from <when>', text: `events from: ${TIME_FORMS}`, required: true },
    { flags: '--to <when>', text: `events until: ${TIME_FORMS} (default: now)` },
    { ...REASON_OPTION, required: true },
    YES_OPTION,
    jsonOption('one JSON object'),
  ],
  notes: `
Only Suture's own rules get them. An event that came to triage before, or an older event of the same finding, is a duplicate
and changes nothing. Where EventBridge puts such events into suture-finding-events-dlq, because their executions exist, the
command takes them from there and starts an execution for each. suture replay continues what failed. The archive keeps events
for two weeks.`.trim(),
  examples: ['suture events replay --from 2026-11-22T01:00Z --to 2026-11-22T03:00Z --reason "the rules were off"'],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: WRITE_EXIT_CODES,
  interruptible: true,
  run: (options) => eventsReplayCommand(options),
});

export async function eventsReplayCommand(options: EventsReplayOptions): Promise<CommandResult> {
  const { json, yes } = options;
  const reason = parseReason(options.reason ?? '', 'the rules were off');
  const { resolveOperator } = await import('../../clients/operator.ts');
  const { beginRun, requireRunPermission } = await import('../../clients/runs.ts');
  const { installedNames } = await import('../../clients/installed-names.ts');
  const { findSource, redriveUndelivered, waitForReplay } = await import('../../clients/event-replay.ts');
  const operator = await resolveOperator(options);
  const now = operator.now();
  const from = parseTime(options.from, now, '--from');
  const to = options.to === undefined ? new Date(now).toISOString() : parseTime(options.to, now, '--to');
  if (from >= to) throw new UsageError(`--from (${from}) must be before --to (${to}).`);
  // Only operators may read the archive and its rules.
  if (!yes) await requireRunPermission(operator, 'event-replays');
  const source = await findSource(operator);
  const warning = expiredText(source, from, to, now);
  if (warning) options.show?.(warning);
  const question = `Send the events of findings from ${from} to ${to} through ${countText(source.ruleArns.length, 'rule')} again?`;
  await confirm(question, { yes, refusal: 'Nothing was replayed.' });
  const selection = { from: options.from, to: options.to };
  const run = await beginRun(operator, { kind: 'event-replays', reason, selection });
  const name = installedNames().own(run.id);
  if (!run.completed.has(name)) await run.perform({ from, to });
  const replay = await waitForReplay(operator, name);
  const failed = replay.State !== 'COMPLETED';
  await run.end({ completed: failed ? 0 : 1 });
  const { redriven, problems } = await redriveUndelivered(operator, reason);
  const { State: state, StateReason: because, EventLastReplayedTime: last } = replay;
  const report = { run: run.id, replay: name, from, to, state, because, last: last?.toISOString(), redriven, problems };
  const text = json ? JSON.stringify(report, null, 2) : reportText(report, findingEventsQueue(installedNames()));
  return { text, failed: failed || problems.length > 0 };
}

type EventsReplayReport = {
  readonly run: string;
  readonly replay: string;
  readonly from: string;
  readonly to: string;
  readonly state: string | undefined;
  readonly because: string | undefined;
  readonly redriven: number;
  readonly problems: readonly string[];
};

function reportText(report: EventsReplayReport, queue: string): string {
  const { replay, from, to, state, because, redriven, problems } = report;
  return [
    state === 'COMPLETED'
      ? `Replayed from ${from} to ${to}. The results: suture list --since 10m`
      : `The replay ${replay} ended as ${state}: ${because ?? 'EventBridge gives no reason'}. Run the same command again.`,
    ...(redriven > 0
      ? [`${countText(redriven, 'event was', 'events were')} in ${queue}; each has an execution now.`]
      : []),
    ...problemLines(problems),
  ].join('\n');
}

const DAY_MS = 86_400_000;
const BACKFILL = 'Security Hub may still have the findings: suture backfill --since 90d --reason "…"';

/**
 * Returns a warning if the archive has deleted the first of these events.
 * @throws UsageError if it has deleted all of them
 */
function expiredText({ retentionDays }: ReplaySource, from: string, to: string, now: number): string | undefined {
  if (retentionDays === undefined) return undefined;
  const oldest = new Date(now - retentionDays * DAY_MS).toISOString();
  const keeps = `The archive keeps events for ${countText(retentionDays, 'day')}, so those`;
  if (to <= oldest) throw new UsageError(`${keeps} until --to (${to}) are gone. ${BACKFILL}`);
  return from < oldest ? `${keeps} before ${oldest} are gone. ${BACKFILL}` : undefined;
}
