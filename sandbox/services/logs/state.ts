import type * as z from 'zod';
import type { At, AwsPlace, StateKey } from '../../kernel/kernel.ts';
import type { metricFilterSchema } from './properties.ts';

export type LogGroup = {
  readonly name: string;
  readonly arn: string;
  /** Undefined: events never expire. */
  retentionInDays?: number;
  kmsKeyId?: string;
};

export type LogsState = {
  readonly groups: Map<string, LogGroup>;
  readonly metricFilters: Map<string, z.infer<typeof metricFilterSchema>>;
  readonly resourcePolicies: Map<string, string>;
};
export type LogsAt = At<LogsState>;

export const LOGS: StateKey<LogsState> = {
  name: 'logs',
  scope: 'region',
  state: () => ({ groups: new Map(), metricFilters: new Map(), resourcePolicies: new Map() }),
};

export const logGroupArn = (place: AwsPlace, name: string) =>
  `arn:${place.partition}:logs:${place.region}:${place.account}:log-group:${name}`;
