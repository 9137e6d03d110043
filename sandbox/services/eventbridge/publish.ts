import { compilePattern, type EventPattern } from '../../event-patterns/pattern.ts';
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';
import { deliverEvent } from './delivery.ts';
import { recordUnmatched } from './delivery-log.ts';
import { mayUseArchiveKey } from './encryption.ts';
import { type BusEvent, eventTime } from './event.ts';
import { EVENTBRIDGE, type EventBus, type EventRule } from './state.ts';
import { targetInput } from './target-input.ts';
import { rulePrincipal, sendToTarget } from './targets.ts';

/**
 * Publishes the event of a service on the default bus of the account and Region.
 * @returns the event's id
 */
export function emitServiceEvent(
  kernel: Kernel,
  place: AwsPlace,
  event: { source: string; 'detail-type': string; resources?: readonly string[]; detail: unknown },
): string {
  const id = kernel.uuid();
  publishEvent(kernel, place, 'default', {
    version: '0',
    id,
    'detail-type': event['detail-type'],
    source: event.source,
    account: place.account,
    time: eventTime(kernel.clock.now()),
    region: place.region,
    resources: event.resources ?? [],
    detail: event.detail,
  });
  return id;
}

/**
 * Archives an event and delivers it by the rules that match it. Deliveries run in the background.
 * @param onlyRules ARNs of the only rules that receive it, for a replay; default: every rule of the bus
 */
export function publishEvent(
  kernel: Kernel,
  place: AwsPlace,
  busName: string,
  event: BusEvent,
  onlyRules?: readonly string[],
): void {
  const state = kernel.state(EVENTBRIDGE, place);
  const bus = state.buses.get(busName);
  if (bus && event['replay-name'] === undefined) archiveEvent(kernel, place, bus, event);
  const rules = [...(bus?.rules.values() ?? [])].filter(
    (rule) => isEnabled(rule) && (!onlyRules || onlyRules.includes(rule.arn)) && matches(rule, event),
  );
  if (rules.length === 0)
    recordUnmatched(kernel, {
      eventId: event.id,
      bus: busName,
      source: event.source,
      detailType: event['detail-type'],
    });
  for (const rule of rules) deliverToTargets(kernel, place, rule, event);
}

/** Delivers an event to every target of a rule, whatever the rule's pattern is: a rule with a schedule has none. */
export function deliverToTargets(kernel: Kernel, place: AwsPlace, rule: EventRule, event: BusEvent): void {
  const ingestedAt = kernel.clock.now();
  const sender = { rule: rule.arn, ruleAccount: place.account };
  for (const target of rule.targets.values()) {
    deliverEvent(kernel, {
      eventId: event.id,
      original: JSON.stringify(event),
      rule: rule.arn,
      target: target.Arn!,
      retry: target.RetryPolicy,
      deadLetter: target.DeadLetterConfig,
      deadLetterAs: () => rulePrincipal(sender),
      send: async () => {
        const input = targetInput(target, event, rule, ingestedAt);
        if (target.InputTransformer && !isJsonOrText(input))
          throw new AwsError('InvalidJson', `Input is not JSON: ${input}`);
        return sendToTarget({ kernel, ...sender, target, event, input, ingestedAt, publish: publishEvent });
      },
    });
  }
}

/** Returns true for JSON, and for any text that does not start like an object or a list. */
function isJsonOrText(input: string): boolean {
  if (!/^\s*[{[]/.test(input)) return true;
  try {
    JSON.parse(input);
    return true;
  } catch {
    return false;
  }
}

/** Keeps the event in each archive that matches it and whose key EventBridge may use. */
function archiveEvent(kernel: Kernel, place: AwsPlace, bus: EventBus, event: BusEvent): void {
  for (const archive of kernel.state(EVENTBRIDGE, place).archives.values()) {
    if (archive.source !== bus.arn) continue;
    if (archive.pattern !== undefined && !patternOf(archive.pattern)(event)) continue;
    if (mayUseArchiveKey(kernel, place, archive, 'kms:GenerateDataKey'))
      archive.events.push({ at: kernel.clock.now(), event });
  }
}

const isEnabled = (rule: EventRule): boolean => rule.state !== 'DISABLED';

const matches = (rule: EventRule, event: BusEvent): boolean =>
  rule.pattern !== undefined && patternOf(rule.pattern)(event);

const PATTERNS = new Map<string, EventPattern>();

function patternOf(text: string): EventPattern {
  const pattern = PATTERNS.get(text) ?? compilePattern(text);
  PATTERNS.set(text, pattern);
  return pattern;
}
