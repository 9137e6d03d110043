/**
 * The event history of an account in one Region: its calls, from what the kernel keeps of them.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
 */
import { createHash } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-cloudtrail';
import { type PastCall, pastCalls } from '../../kernel/call-history.ts';
import type { AwsPlace, Kernel, Principal } from '../../kernel/kernel.ts';
import { isReadOperation } from '../../kernel/service-facts.ts';
import { parseArn } from '../arn.ts';
import { findBucket } from '../s3/state.ts';
import { EVENT_VERSION, isoSeconds, SOURCE_ADDRESS, userIdentity } from './record.ts';
import { type NamedResource, resourceNamed } from './resource-names.ts';

/** AWS delivers an event about 5 minutes after its call. */
const VISIBLE_AFTER_MS = 5 * 60_000;

/** An event without its record: records are expensive, and a look-up needs only a few. */
export type HistoryEvent = {
  readonly call: PastCall;
  readonly recipient: string;
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly readOnly: boolean;
  readonly username: string | undefined;
  readonly resources: readonly NamedResource[];
};

/** Returns the visible events of the account and Region, newest first. Those before `forgottenUntil` may be missing. */
export function eventHistory(
  kernel: Kernel,
  place: AwsPlace,
): { readonly events: Iterable<HistoryEvent>; readonly forgottenUntil: number | undefined } {
  const { calls, forgottenUntil } = pastCalls(kernel);
  const newest = kernel.clock.now() - VISIBLE_AFTER_MS;
  return { events: eventsOf(kernel, place, calls, newest), forgottenUntil };
}

function* eventsOf(
  kernel: Kernel,
  { account, region }: AwsPlace,
  calls: readonly PastCall[],
  newest: number,
): Iterable<HistoryEvent> {
  for (let index = calls.length - 1; index >= 0; index -= 1) {
    const call = calls[index]!;
    if (call.at > newest || call.place.region !== region || !recipientsOf(kernel, call).has(account)) continue;
    yield eventOf(call, account);
  }
}

/** Returns the accounts that get the event: the caller's and, for some services, a resource's owner after a success. */
function recipientsOf(kernel: Kernel, { place, service, resources, error }: PastCall): ReadonlySet<string> {
  if (!service.trail?.tellsOwners || error) return new Set([place.account]);
  return new Set([place.account, ...resources.map((arn) => ownerOf(kernel, arn)).filter((owner) => owner !== '')]);
}

function ownerOf(kernel: Kernel, arn: string): string {
  const { service, account, resource } = parseArn(arn);
  return service === 's3' ? (findBucket(kernel, resource)?.account ?? '') : account;
}

function eventOf(call: PastCall, recipient: string): HistoryEvent {
  const { service, operation, principal, place } = call;
  const { trail } = service;
  return {
    call,
    recipient,
    id: uuidOf(`event ${call.number} ${recipient}`),
    name: trail?.names?.[operation] ?? operation,
    source: `${trail?.source ?? service.prefix}.amazonaws.com`,
    readOnly: isReadOperation(service, operation) || trail?.reads?.includes(operation) === true,
    username: place.account === recipient ? usernameOf(principal) : undefined,
    resources: call.resources.flatMap((arn) => resourceNamed(arn) ?? []),
  };
}

function usernameOf(principal: Principal): string | undefined {
  if (principal.kind === 'service') return undefined;
  if (principal.kind === 'root') return 'root';
  return principal.kind === 'user' ? principal.user : principal.arn.split('/').at(-1);
}

export const shownEvent = (kernel: Kernel, event: HistoryEvent): sdk.Event => ({
  EventId: event.id,
  EventName: event.name,
  ReadOnly: String(event.readOnly),
  ...(event.call.accessKeyId !== undefined &&
    event.call.place.account === event.recipient && { AccessKeyId: event.call.accessKeyId }),
  EventTime: new Date(isoSeconds(event.call.at)),
  EventSource: event.source,
  ...(event.username !== undefined && { Username: event.username }),
  Resources: [...event.resources],
  CloudTrailEvent: JSON.stringify(recordOf(kernel, event)),
});

/** Omits requestParameters and responseElements, because each service has its own form of them. */
function recordOf(kernel: Kernel, event: HistoryEvent): object {
  const { call, recipient } = event;
  const { service, error, principal } = call;
  const recipients = recipientsOf(kernel, call);
  const invokedBy = invokerOf(call);
  return {
    eventVersion: EVENT_VERSION,
    userIdentity: userIdentity(principal, recipient, call.accessKeyId),
    eventTime: isoSeconds(call.at),
    eventSource: event.source,
    eventName: event.name,
    awsRegion: call.place.region,
    sourceIPAddress: invokedBy ?? SOURCE_ADDRESS,
    ...(call.userAgent !== undefined || invokedBy !== undefined ? { userAgent: invokedBy ?? call.userAgent } : {}),
    ...(error && { errorCode: `${service.trail?.errorPrefix ?? ''}${error.code}`, errorMessage: error.message }),
    ...(call.requestId !== undefined && { requestID: call.requestId }),
    eventID: event.id,
    readOnly: event.readOnly,
    ...(service.trail?.tellsOwners && {
      resources: call.resources.flatMap((ARN) => {
        const type = resourceNamed(ARN)?.ResourceType;
        return type === undefined ? [] : [{ accountId: ownerOf(kernel, ARN), type, ARN }];
      }),
    }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: recipient,
    ...(recipients.size > 1 && { sharedEventID: uuidOf(`event ${call.number}`) }),
    eventCategory: 'Management',
  };
}

/** A service calls for itself or with somebody's session; the sandbox's own calls have no access key. */
function invokerOf({ principal, accessKeyId }: PastCall): string | undefined {
  if (principal.kind === 'service') return principal.service;
  if (principal.kind === 'session' && principal.invokedBy !== undefined) return principal.invokedBy;
  return accessKeyId === undefined ? 'AWS Internal' : undefined;
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
