import type * as sdk from '@aws-sdk/client-eventbridge';
import { type At, AwsError, type AwsPlace, type ServiceOperations } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';
import type { RecordTags } from '../../records/tag-forms.ts';
import type { BusEvent } from './event.ts';

export type EventRule = {
  readonly name: string;
  readonly arn: string;
  readonly bus: string;
  readonly description?: string;
  readonly roleArn?: string;
  readonly pattern?: string;
  readonly schedule?: string;
  readonly state: 'ENABLED' | 'DISABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
  readonly targets: Map<string, sdk.Target>;
  tags: RecordTags;
};

export type EventBus = {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  description?: string;
  kmsKey?: string;
  deadLetterArn?: string;
  policy?: string;
  tags: RecordTags;
  readonly rules: Map<string, EventRule>;
};

export type EventArchive = {
  readonly name: string;
  readonly arn: string;
  readonly source: string;
  readonly createdAt: number;
  readonly description?: string;
  readonly kmsKey?: string;
  readonly pattern?: string;
  readonly retentionDays: number;
  readonly events: { readonly at: number; readonly event: BusEvent }[];
};

export type ArchiveReplay = {
  readonly name: string;
  readonly arn: string;
  readonly source: string;
  readonly description?: string;
  readonly destination: { readonly Arn: string; readonly FilterArns?: string[] | undefined };
  readonly from: number;
  readonly to: number;
  readonly startedAt: number;
  state: 'STARTING' | 'RUNNING' | 'COMPLETED' | 'FAILED';
  endedAt?: number;
  lastReplayedAt?: number;
};

export type ConnectionAuthorization =
  | { readonly type: 'BASIC'; readonly Username: string; readonly Password: string }
  | { readonly type: 'API_KEY'; readonly ApiKeyName: string; readonly ApiKeyValue: string };

/** Includes the credentials, which AWS keeps in the secret and no operation returns. */
export type EventConnection = {
  readonly name: string;
  readonly arn: string;
  readonly secretArn: string;
  readonly description?: string | undefined;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly authorization: ConnectionAuthorization;
  readonly http: {
    readonly headers: readonly sdk.ConnectionHeaderParameter[];
    readonly query: readonly sdk.ConnectionQueryStringParameter[];
    /** They replace members of the same name in the body, which must be a JSON object. */
    readonly body: readonly sdk.ConnectionBodyParameter[];
  };
};

export type ApiDestination = {
  readonly name: string;
  readonly arn: string;
  readonly description?: string | undefined;
  readonly connectionArn: string;
  readonly endpoint: string;
  readonly method: sdk.ApiDestinationHttpMethod;
  readonly ratePerSecond: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
};

export type EventBridgeState = {
  readonly buses: Map<string, EventBus>;
  readonly archives: Map<string, EventArchive>;
  readonly replays: Map<string, ArchiveReplay>;
  readonly connections: Map<string, EventConnection>;
  readonly destinations: Map<string, ApiDestination>;
};
export type EventBridgeAt = At<EventBridgeState>;
export type EventBridgeOperations = ServiceOperations<typeof sdk, EventBridgeState>;

export const EVENTBRIDGE: StateKey<EventBridgeState> = {
  name: 'eventbridge',
  scope: 'region',
  // Every account has a default bus in every Region.
  state: (place) => ({
    buses: new Map([['default', newEventBus(place, 'default', 0)]]),
    archives: new Map(),
    replays: new Map(),
    connections: new Map(),
    destinations: new Map(),
  }),
};

export const newEventBus = (place: AwsPlace, name: string, createdAt: number): EventBus => ({
  name,
  arn: eventBridgeArn(place, `event-bus/${name}`),
  createdAt,
  tags: {},
  rules: new Map(),
});

export const eventBridgeArn = ({ partition, region, account }: AwsPlace, resource: string): string =>
  `arn:${partition}:events:${region}:${account}:${resource}`;

export const eventRuleArn = (place: AwsPlace, bus: string, rule: string): string =>
  eventBridgeArn(place, bus === 'default' ? `rule/${rule}` : `rule/${bus}/${rule}`);

export const busNameOf = (nameOrArn: string | undefined): string =>
  (nameOrArn ?? 'default').replace(/^arn:.*:event-bus\//, '');

export function existingBus(state: EventBridgeState, nameOrArn: string | undefined): EventBus {
  const name = busNameOf(nameOrArn);
  const bus = state.buses.get(name);
  if (!bus) throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
  return bus;
}

export function existingRule(state: EventBridgeState, bus: string | undefined, name: string | undefined): EventRule {
  const rule = existingBus(state, bus).rules.get(name ?? '');
  if (!rule)
    throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${busNameOf(bus)}.`);
  return rule;
}
