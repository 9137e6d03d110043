import type { Target } from '@aws-sdk/client-eventbridge';
import { AwsError, type AwsPlace } from '../../kernel/kernel.ts';
import type { BusEvent } from './event.ts';

export type Rule = {
  readonly name: string;
  readonly arn: string;
  readonly bus: string;
  readonly description?: string;
  readonly roleArn?: string;
  /** The event pattern as JSON. */
  readonly pattern?: string;
  readonly schedule?: string;
  readonly state: 'ENABLED' | 'DISABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
  readonly targets: Map<string, Target>;
};

export type Bus = {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  description?: string;
  kmsKey?: string;
  deadLetterArn?: string;
  /** The bus's policy as JSON. */
  policy?: string;
  readonly rules: Map<string, Rule>;
};

export type Archive = {
  readonly name: string;
  readonly arn: string;
  /** ARN of the bus whose events it keeps. */
  readonly source: string;
  readonly createdAt: number;
  readonly description?: string;
  readonly pattern?: string;
  /** 0: for ever. */
  readonly retentionDays: number;
  readonly events: { readonly at: number; readonly event: BusEvent }[];
};

export type Replay = {
  readonly name: string;
  readonly arn: string;
  /** ARN of the archive. */
  readonly source: string;
  readonly description?: string;
  readonly destination: { readonly Arn: string; readonly FilterArns?: string[] | undefined };
  readonly from: number;
  readonly to: number;
  readonly startedAt: number;
  state: 'STARTING' | 'RUNNING' | 'COMPLETED';
  endedAt?: number;
  lastReplayed?: number;
};

export type EventBridgeState = {
  readonly buses: Map<string, Bus>;
  readonly archives: Map<string, Archive>;
  readonly replays: Map<string, Replay>;
  /** EventBridge Scheduler's schedules, by group and name. */
  readonly schedules: Map<string, unknown>;
};

/** Every account has a default bus in every Region. */
export const newState = (place: AwsPlace): EventBridgeState => ({
  buses: new Map([['default', newBus(place, 'default', 0)]]),
  archives: new Map(),
  replays: new Map(),
  schedules: new Map(),
});

export const newBus = (place: AwsPlace, name: string, createdAt: number): Bus => ({
  name,
  arn: arnOf(place, `event-bus/${name}`),
  createdAt,
  rules: new Map(),
});

export const arnOf = ({ partition, region, account }: AwsPlace, resource: string): string =>
  `arn:${partition}:events:${region}:${account}:${resource}`;

/** Rules of the default bus do not name it in their ARN. */
export const ruleArn = (place: AwsPlace, bus: string, rule: string): string =>
  arnOf(place, bus === 'default' ? `rule/${rule}` : `rule/${bus}/${rule}`);

/** A bus's name, which requests give as a name or an ARN. */
export const busNameOf = (nameOrArn: string | undefined): string =>
  (nameOrArn ?? 'default').replace(/^arn:.*:event-bus\//, '');

export function busIn(state: EventBridgeState, nameOrArn: string | undefined): Bus {
  const name = busNameOf(nameOrArn);
  const bus = state.buses.get(name);
  if (!bus) throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
  return bus;
}

export function ruleIn(state: EventBridgeState, bus: string | undefined, name: string | undefined): Rule {
  const found = busIn(state, bus).rules.get(name ?? '');
  if (!found)
    throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${busNameOf(bus)}.`);
  return found;
}
