/** Runs over all targets, each by itself, and reports their results to alarms, auditors, subscribers and people. */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { logger, metrics } from '../../functions/aws/observe.ts';
import type { TargetAnswer } from '../contract/command.ts';
import { IP_RANGES_EVENT, IP_RANGES_METRICS, type IpRangesTarget } from '../contract/targets.ts';
import { type Document, tokenOf } from '../planning/document.ts';
import type { UpdateOutcome } from './update.ts';

/** Targets at work at once: most of their time they wait for AWS. */
const AT_ONCE = 5;

export type TargetRun = {
  readonly target: IpRangesTarget;
  readonly outcome?: UpdateOutcome;
  readonly error?: Error;
};

/** The event's detail for one target. */
export type RangesChanged = {
  readonly target: string;
  readonly services: readonly string[];
  readonly syncToken: string;
  readonly added: number;
  readonly removed: number;
  readonly groups: number;
};
export type PublishRanges = (changes: readonly RangesChanged[]) => Promise<void>;

export async function runAll(
  targets: readonly IpRangesTarget[],
  one: (target: IpRangesTarget) => Promise<UpdateOutcome>,
): Promise<TargetRun[]> {
  const runs: TargetRun[] = [];
  const left = [...targets];
  const worker = async () => {
    for (let target = left.shift(); target; target = left.shift())
      try {
        const outcome = await one(target);
        const problem = 'problem' in outcome ? outcome.problem : undefined;
        runs.push({ target, outcome, ...(problem && { error: problem }) });
      } catch (error) {
        runs.push({ target, error: error instanceof Error ? error : new Error(String(error)) });
      }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return runs.toSorted((a, b) => targets.indexOf(a.target) - targets.indexOf(b.target));
}

/** Entries of a PutEvents. */
const BATCH = 10;

export const eventsTo =
  (client: EventBridgeClient): PublishRanges =>
  async (changes) => {
    for (let first = 0; first < changes.length; first += BATCH) {
      const Entries = changes.slice(first, first + BATCH).map((change) => ({
        Source: IP_RANGES_EVENT.source,
        DetailType: IP_RANGES_EVENT.detailType,
        Detail: JSON.stringify(change),
        Resources: [change.target],
      }));
      const { FailedEntryCount, Entries: results } = await client.send(new PutEventsCommand({ Entries }));
      if (FailedEntryCount)
        logger.error('events were not taken', { codes: results?.flatMap(({ ErrorCode }) => ErrorCode ?? []) });
    }
  };

export async function report(
  runs: readonly TargetRun[],
  document: Document,
  { publish, now, orphans }: { readonly publish: PublishRanges; readonly now: number; readonly orphans: number },
): Promise<void> {
  const ageSeconds = Math.max(0, Math.round(now / 1000 - tokenOf(document)));
  metrics.addMetric(IP_RANGES_METRICS.age, 'Seconds', ageSeconds);
  const total = (of: (run: TargetRun) => number) => runs.reduce((sum, run) => sum + of(run), 0);
  const counts = {
    ranges: total((run) => figuresOf(run)?.ranges ?? 0),
    groups: total((run) => figuresOf(run)?.groups ?? 0),
    added: total((run) => callsOf(run, 'add')),
    removed: total((run) => callsOf(run, 'remove')),
    refused: total(({ error }) => Number(error?.name === 'DocumentRefused')),
    targetsFailed: total(({ error }) => Number(error !== undefined)),
    orphans,
  };
  for (const [name, value] of Object.entries(counts))
    metrics.addMetric(IP_RANGES_METRICS[name as keyof typeof counts], 'Count', value);
  const { syncToken, createDate } = document;
  logger.info('ip ranges', { syncToken, createDate, targets: runs.map((run) => answerOf(run, document)) });
  const changes = runs
    .filter(({ outcome }) => outcome?.kind === 'changed')
    .map((run) => ({
      target: run.target.key,
      services: run.target.services,
      syncToken,
      added: callsOf(run, 'add'),
      removed: callsOf(run, 'remove'),
      groups: figuresOf(run)!.groups,
    }));
  try {
    if (changes.length > 0) await publish(changes);
  } catch (error) {
    // The groups are as they should be; a run that fails for its event would be run again for nothing.
    logger.error('the event was not published', { error: error as Error });
  }
}

const figuresOf = ({ outcome }: TargetRun) => (outcome && 'figures' in outcome ? outcome.figures : undefined);

const callsOf = ({ outcome }: TargetRun, what: 'add' | 'remove'): number =>
  outcome && 'calls' in outcome ? outcome.calls.reduce((sum, call) => sum + (call[what]?.length ?? 0), 0) : 0;

/** Answers for one target, in the audit line and to people. */
export function answerOf({ target, outcome, error }: TargetRun, document: Document): TargetAnswer {
  const base = {
    ...answerAbout(target, document),
    ...(error && { error: { name: error.name, message: error.message } }),
  };
  if (!outcome) return base;
  if (outcome.kind === 'superseded')
    return { ...base, notes: [`the target was brought to the newer syncToken ${outcome.by} already`] };
  const { calls, figures, notes } = outcome;
  return { ...base, calls, figures, notes };
}

export const answerAbout = ({ key, mode, services }: IpRangesTarget, document?: Document): TargetAnswer => ({
  target: key,
  mode,
  services: [...services],
  ...(document && { syncToken: document.syncToken, createDate: document.createDate }),
});
