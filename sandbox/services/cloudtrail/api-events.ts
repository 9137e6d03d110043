/**
 * Management events as CloudTrail sends them to the default bus of an account that a trail covers.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
import type { AwsPlace, Kernel, Principal } from '../../kernel/kernel.ts';
import { emitServiceEvent } from '../eventbridge/publish.ts';
import { EVENT_VERSION, isoSeconds, SOURCE_ADDRESS, userIdentity } from './record.ts';
import { CLOUDTRAIL } from './state.ts';

export type ManagementCall = {
  /** Endpoint prefix, such as `sts`. */
  readonly service: string;
  readonly operation: string;
  readonly principal: Principal;
  /** The caller's account, and the Region of the endpoint. */
  readonly place: AwsPlace;
  readonly requestId: string;
  readonly readOnly: boolean;
  readonly requestParameters: object;
  readonly responseElements: object | null;
  readonly resources: readonly { readonly accountId: string; readonly type: string; readonly ARN: string }[];
};

/** Sends the event to the caller's account and to the accounts of the resources; both copies share an id. */
export function recordApiCall(kernel: Kernel, call: ManagementCall): void {
  const { service, operation, principal, place, requestId, readOnly, resources } = call;
  const accounts = new Set([place.account, ...resources.map(({ accountId }) => accountId)]);
  const covered = [...accounts].filter((account) => isCovered(kernel, { ...place, account }));
  if (covered.length === 0) return;
  const sharedEventID = kernel.uuid();
  for (const account of covered)
    emitServiceEvent(
      kernel,
      { ...place, account },
      {
        source: `aws.${service}`,
        'detail-type': 'AWS API Call via CloudTrail',
        detail: {
          eventVersion: EVENT_VERSION,
          userIdentity: userIdentity(principal, account),
          eventTime: isoSeconds(kernel.clock.now()),
          eventSource: `${service}.amazonaws.com`,
          eventName: operation,
          awsRegion: place.region,
          sourceIPAddress: SOURCE_ADDRESS,
          userAgent: 'aws-sdk-js/3',
          requestParameters: call.requestParameters,
          responseElements: call.responseElements,
          requestID: requestId,
          eventID: kernel.uuid(),
          readOnly,
          resources,
          eventType: 'AwsApiCall',
          managementEvent: true,
          recipientAccountId: account,
          ...(accounts.size > 1 && { sharedEventID }),
          eventCategory: 'Management',
        },
      },
    );
}

/** Returns true if a trail of the account or its organization logs the Region; a trail may cover one Region only. */
function isCovered(kernel: Kernel, place: AwsPlace): boolean {
  const { trails } = kernel.state(CLOUDTRAIL, place);
  return [...trails.values()].some(
    ({ account, organization, homeRegion, multiRegion, logging }) =>
      logging && (organization || account === place.account) && (multiRegion || homeRegion === place.region),
  );
}
