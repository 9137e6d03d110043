/** An event on a bus: kept by its archives, matched by its rules, delivered to their targets. */

import { compilePattern, type EventPattern } from '../../event-patterns/pattern.ts';
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';
import { eventBridgeState } from './access.ts';
import { deliver } from './delivery.ts';
import { type BusEvent, eventTime } from './event.ts';
import { recordUnmatched } from './log.ts';
import type { Archive, Bus, Rule } from './state.ts';
import { sendToTarget, serviceOf } from './targets.ts';
import { targetInput } from './transform.ts';

/**
 * Puts an AWS service's own event on the default bus of the account and Region it happened in.
 * @returns the event's id
 */
export function emitServiceEvent(
  kernel: Kernel,
  place: AwsPlace,
  event: { source: string; 'detail-type': string; resources?: readonly string[]; detail: unknown },
): string {
  const id = kernel.uuid();
  publish(kernel, place, 'default', {
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

/** Lets the bus's rules have the event; a replay only those it names. Deliveries run in the background. */
export function publish(
  kernel: Kernel,
  place: AwsPlace,
  busName: string,
  event: BusEvent,
  onlyRules?: readonly string[],
): void {
  const state = eventBridgeState(kernel, place);
  const bus = state.buses.get(busName);
  if (bus && event['replay-name'] === undefined) archive(kernel, [...state.archives.values()], bus, event);
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

/** Delivers an event to all targets of a rule, whether or not its pattern matches: also schedules come here. */
export function deliverToTargets(kernel: Kernel, place: AwsPlace, rule: Rule, event: BusEvent): void {
  const ingestedAt = kernel.clock.now();
  const by = { rule: rule.arn, ruleAccount: place.account };
  for (const target of rule.targets.values()) {
    deliver(kernel, {
      eventId: event.id,
      original: JSON.stringify(event),
      rule: rule.arn,
      target: target.Arn!,
      retry: target.RetryPolicy,
      deadLetter: target.DeadLetterConfig,
      deadLetterAs: () => serviceOf(by),
      send: async () => {
        const input = targetInput(target, event, rule, ingestedAt);
        if (target.InputTransformer && !isJsonOrText(input))
          throw new AwsError('InvalidJson', `Input is not JSON: ${input}`);
        return sendToTarget({ kernel, ...by, target, event, input });
      },
    });
  }
}

/** A template that starts as an object or list must come out as JSON; other templates are plain text. */
function isJsonOrText(input: string): boolean {
  if (!/^\s*[{[]/.test(input)) return true;
  try {
    JSON.parse(input);
    return true;
  } catch {
    return false;
  }
}

function archive(kernel: Kernel, archives: readonly Archive[], bus: Bus, event: BusEvent): void {
  for (const one of archives) {
    if (one.source !== bus.arn || (one.pattern !== undefined && !compiled(one.pattern)(event))) continue;
    one.events.push({ at: kernel.clock.now(), event });
  }
}

const isEnabled = (rule: Rule): boolean => rule.state !== 'DISABLED';

const matches = (rule: Rule, event: BusEvent): boolean => rule.pattern !== undefined && compiled(rule.pattern)(event);

const patterns = new Map<string, EventPattern>();

/** Patterns by their text, so that each is compiled once. */
function compiled(text: string): EventPattern {
  const pattern = patterns.get(text) ?? compilePattern(text);
  patterns.set(text, pattern);
  return pattern;
}
