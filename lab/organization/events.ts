/** Entries as events of Security Hub: bare findings get the event that would bring them, events come to where Suture listens. */
import { randomUUID } from 'node:crypto';
import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import type { Sandbox } from '../../sandbox/index.ts';
import { type BusEvent, publish } from '../../sandbox/services/eventbridge/index.ts';
import { knowFinding } from '../../sandbox/services/securityhub/index.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { customActionArn } from '../../stacks/names.ts';

type Json = Readonly<Record<string, unknown>>;
export type EventLike = Json & { readonly detail: Json & { readonly findings: readonly unknown[] } };
export type EventEntry =
  | { readonly kind: 'event'; readonly event: EventLike }
  | { readonly kind: 'finding'; readonly finding: Json };

export type EventOptions = { readonly context: SutureContext; readonly asIs: boolean; readonly now: Date };

/** One event an entry, in order. Ids that are missing or come twice are made up. */
export function eventsOf(entries: readonly EventEntry[], options: EventOptions): BusEvent[] {
  const ids = new Set<string>();
  return entries.map((entry) => {
    const event = entry.kind === 'event' ? addressed(entry.event, options) : around(entry.finding, options);
    const id = typeof event.id === 'string' && event.id !== '' && !ids.has(event.id) ? event.id : randomUUID();
    ids.add(id);
    return { ...event, id } as BusEvent;
  });
}

/** Puts the events onto the security account's bus, all after Security Hub has their findings. */
export function putOnBus({ kernel }: Sandbox, context: SutureContext, events: readonly BusEvent[]): void {
  for (const event of events)
    for (const finding of findingsIn(event)) if (isKept(finding)) knowFinding(kernel, finding);
  const home = { partition: context.partition, account: context.securityAccount, region: context.homeRegion };
  for (const event of events) publish(kernel, home, 'default', event);
}

/** The findings of an event, in its order. */
export const findingsIn = ({ detail }: BusEvent): readonly unknown[] =>
  (detail as { findings: readonly unknown[] }).findings;

/** Security Hub knows a finding by its product and id. */
const isKept = (finding: unknown): finding is AwsSecurityFinding => {
  const { Id, ProductArn } = Object(finding);
  return typeof Id === 'string' && typeof ProductArn === 'string';
};

/** The event in which somebody sends these findings, 20 at most, to Suture's custom action. */
export const sentToCustomAction = (context: SutureContext, findings: readonly unknown[]): EventLike => ({
  'detail-type': 'Security Hub Findings - Custom Action',
  source: 'aws.securityhub',
  resources: [customActionArn(context)],
  detail: { actionName: 'Remediate with Suture', findings },
});

/** The event in which Security Hub would send this finding. */
function around(finding: Json, { context, now }: EventOptions): Json {
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
function addressed(event: EventLike, { context, asIs, now }: EventOptions): Json {
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
