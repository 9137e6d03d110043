/** Entries as events of Security Hub: bare findings get the event that would bring them, events come to where Suture listens. */
import { randomUUID } from 'node:crypto';
import type { BusEvent } from '../../sandbox/services/eventbridge.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { customActionArn } from '../../stacks/names.ts';
import type { Entry, EventLike } from './input.ts';

export type EventOptions = { readonly context: SutureContext; readonly asIs: boolean; readonly now: Date };

/** One event an entry, in order. Ids that are missing or come twice are made up. */
export function eventsOf(entries: readonly Entry[], options: EventOptions): BusEvent[] {
  const ids = new Set<string>();
  return entries.map((entry) => {
    const event = entry.kind === 'event' ? addressed(entry.event, options) : around(entry.finding, options);
    const id = typeof event.id === 'string' && event.id !== '' && !ids.has(event.id) ? event.id : randomUUID();
    ids.add(id);
    return { ...event, id } as BusEvent;
  });
}

/** The event in which Security Hub would send this finding. */
function around(
  finding: Readonly<Record<string, unknown>>,
  { context, now }: EventOptions,
): Readonly<Record<string, unknown>> {
  const ocsf = Object.hasOwn(finding, 'finding_info') && !Object.hasOwn(finding, 'ProductArn');
  return {
    version: '0',
    'detail-type': ocsf ? 'Findings Imported V2' : 'Security Hub Findings - Imported',
    source: 'aws.securityhub',
    account: context.securityAccount,
    region: context.homeRegion,
    time: now.toISOString(),
    resources: [`${finding.ProductArn}/${finding.Id}`],
    detail: { findings: [finding] },
  };
}

/**
 * The event as the security account of this installation would get it. Findings, source and type stay as they are; a custom
 * action becomes Suture's own, for that is the one whose findings it takes.
 */
function addressed(event: EventLike, { context, asIs, now }: EventOptions): Readonly<Record<string, unknown>> {
  const whole = { version: '0', 'detail-type': '', source: '', time: now.toISOString(), resources: [], ...event };
  if (asIs) return whole;
  const ofAction = [whole.resources].flat().some((arn) => ACTION.test(String(arn)));
  return {
    ...whole,
    account: context.securityAccount,
    region: context.homeRegion,
    ...(ofAction && { resources: [customActionArn(context)] }),
  };
}

const ACTION = /^arn:[^:]+:securityhub:[^:]+:\d{12}:action\/custom\//;
