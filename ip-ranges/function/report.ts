import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { sendEvents } from '../../functions/aws/events.ts';
import { logger, metrics } from '../../functions/aws/observe.ts';
import type { TargetAnswer } from '../contract/command.ts';
import { IP_RANGES_EVENT, IP_RANGES_METRICS } from '../contract/targets.ts';
import { type Document, tokenOf } from '../planning/document.ts';

export async function report(
  answers: readonly TargetAnswer[],
  { syncToken, createDate }: Document,
  { events, now, orphans }: { readonly events: EventBridgeClient; readonly now: number; readonly orphans: number },
): Promise<void> {
  const total = (of: (answer: TargetAnswer) => number) => answers.reduce((sum, answer) => sum + of(answer), 0);
  const counts = {
    ranges: total(({ figures }) => figures?.ranges ?? 0),
    groups: total(({ figures }) => figures?.groups ?? 0),
    added: total((answer) => ruleCount(answer, 'add')),
    removed: total((answer) => ruleCount(answer, 'remove')),
    refused: total(({ error }) => Number(error?.name === 'DocumentRefused')),
    targetsFailed: total(({ error }) => Number(error !== undefined)),
    orphans,
  };
  metrics.addMetric(IP_RANGES_METRICS.age, 'Seconds', Math.max(0, Math.round(now / 1000 - tokenOf({ syncToken }))));
  for (const [name, value] of Object.entries(counts))
    metrics.addMetric(IP_RANGES_METRICS[name as keyof typeof counts], 'Count', value);
  logger.info('ip ranges', { syncToken, createDate, targets: answers });
  try {
    await publish(answers, syncToken, events);
  } catch (error) {
    // The groups are as they should be, so nothing would be gained if the run failed and Lambda repeated it.
    logger.error('the event was not published', { error: error as Error });
  }
}

const ruleCount = ({ calls = [] }: TargetAnswer, what: 'add' | 'remove'): number =>
  calls.reduce((sum, call) => sum + (call[what]?.length ?? 0), 0);

/** Publishes an event for each target that was changed. */
async function publish(answers: readonly TargetAnswer[], syncToken: string, client: EventBridgeClient): Promise<void> {
  const changes = answers.filter(({ calls = [] }) => calls.length > 0);
  const events = changes.map((answer) => {
    const { target, services, figures } = answer;
    const counts = { added: ruleCount(answer, 'add'), removed: ruleCount(answer, 'remove'), groups: figures?.groups };
    const detail = { target, services, syncToken, ...counts };
    return { name: IP_RANGES_EVENT.detailType, detail, resources: [target] };
  });
  await sendEvents(client, 'default', events);
}
