/** Turns findings into events of Security Hub, and directs events to the security account of this installation. */
import { randomUUID } from 'node:crypto';
import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import type { EventLike, EventOrFinding } from '../../cli/input/parse-findings.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { BusEvent } from '../../sandbox/services/eventbridge/event.ts';
import { publishEvent } from '../../sandbox/services/eventbridge/publish.ts';
import { addKnownFinding } from '../../sandbox/services/securityhub/simulation.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { customActionArn } from '../../stacks/names.ts';

type Json = Readonly<Record<string, unknown>>;

export type EventOptions = { readonly context: SutureContext; readonly asIs: boolean; readonly now: Date };

/** Returns one event for each entry, in order. A new event id replaces a missing or repeated one. */
export function eventsOf(entries: readonly EventOrFinding[], options: EventOptions): BusEvent[] {
  const ids = new Set<string>();
  return entries.map((entry) => {
    const event = entry.kind === 'event' ? redirectEvent(entry.event, options) : importEvent(entry.finding, options);
    const id = typeof event.id === 'string' && event.id !== '' && !ids.has(event.id) ? event.id : randomUUID();
    ids.add(id);
    return { ...event, id } as BusEvent;
  });
}

/** Adds findings to Security Hub without the event that brings them to Suture. */
export function addToSecurityHub({ kernel }: Sandbox, findings: readonly unknown[]): void {
  for (const finding of findings) if (hasFindingKey(finding)) addKnownFinding(kernel, finding);
}

/** Adds the findings of the events to Security Hub, and puts the events on the default bus. */
export function putOnBus(sandbox: Sandbox, context: SutureContext, events: readonly BusEvent[]): void {
  const { kernel } = sandbox;
  addToSecurityHub(sandbox, events.flatMap(findingsIn));
  const home = { partition: context.partition, account: context.securityAccount, region: context.homeRegion };
  for (const event of events) publishEvent(kernel, home, 'default', event);
}

export const findingsIn = ({ detail }: BusEvent): readonly unknown[] =>
  (detail as { findings: readonly unknown[] }).findings;

/** Returns whether a finding has product and id, by which Security Hub identifies it. */
const hasFindingKey = (finding: unknown): finding is AwsSecurityFinding => {
  const { Id, ProductArn } = Object(finding);
  return typeof Id === 'string' && typeof ProductArn === 'string';
};

export const customActionEvent = (context: SutureContext, findings: readonly unknown[]): EventLike => ({
  'detail-type': 'Security Hub Findings - Custom Action',
  source: 'aws.securityhub',
  resources: [customActionArn(context)],
  detail: { actionName: 'Remediate with Suture', findings },
});

function importEvent(finding: Json, { context, now }: EventOptions): Json {
  const isOcsf = Object.hasOwn(finding, 'finding_info') && !Object.hasOwn(finding, 'ProductArn');
  return {
    version: '0',
    'detail-type': isOcsf ? 'Findings Imported V2' : 'Security Hub Findings - Imported',
    source: 'aws.securityhub',
    account: context.securityAccount,
    region: context.homeRegion,
    time: now.toISOString(),
    resources: [`${finding.ProductArn}/${finding.Id}`],
    detail: { findings: [finding] },
  };
}

/**
 * Directs the event to this installation's security account. Findings, source and type stay; a custom action becomes
 * Suture's, because Suture accepts findings from no other.
 */
function redirectEvent(event: EventLike, { context, asIs, now }: EventOptions): Json {
  const complete = { version: '0', 'detail-type': '', source: '', time: now.toISOString(), resources: [], ...event };
  if (asIs) return complete;
  const isCustomAction = [complete.resources].flat().some((arn) => CUSTOM_ACTION_ARN.test(String(arn)));
  return {
    ...complete,
    account: context.securityAccount,
    region: context.homeRegion,
    ...(isCustomAction && { resources: [customActionArn(context)] }),
  };
}

const CUSTOM_ACTION_ARN = /^arn:[^:]+:securityhub:[^:]+:\d{12}:action\/custom\//;
