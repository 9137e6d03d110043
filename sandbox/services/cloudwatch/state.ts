import type { AlarmType, StateValue } from '@aws-sdk/client-cloudwatch';
import type { At } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';

export type Dimensions = Readonly<Record<string, string>>;

/** One data point, or the statistics of several with the same time stamp. */
export type Sample = {
  readonly at: number;
  readonly count: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
};

export type Series = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly samples: Sample[];
};

export type Alarm = {
  readonly name: string;
  readonly arn: string;
  readonly kind: 'metric' | 'composite';
  readonly settings: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>>;
  state: StateValue;
  reason: string;
  /** JSON. */
  reasonData?: string | undefined;
  updatedAt: number;
};

export type AlarmHistoryEntry = {
  readonly at: number;
  readonly alarm: string;
  readonly alarmType: AlarmType;
  readonly type: 'StateUpdate' | 'Action';
  readonly summary: string;
  /** JSON. */
  readonly data: string;
};

export type StoredDashboard = { readonly body: string; readonly modifiedAt: number };

export type CloudWatchState = {
  readonly series: Map<string, Series>;
  readonly alarms: Map<string, Alarm>;
  readonly dashboards: Map<string, StoredDashboard>;
  /** Oldest first. An alarm's history outlives the alarm. */
  readonly history: AlarmHistoryEntry[];
};
export type CloudWatchAt = At<CloudWatchState>;

export const CLOUDWATCH: StateKey<CloudWatchState> = {
  name: 'cloudwatch',
  scope: 'region',
  state: () => ({ series: new Map(), alarms: new Map(), dashboards: new Map(), history: [] }),
};
