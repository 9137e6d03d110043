import type { AttributeValue, StreamViewType } from '@aws-sdk/client-dynamodb';
import type { At } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';

type Image = Record<string, AttributeValue>;

export type StreamRecord = {
  readonly sequence: number;
  readonly id: string;
  readonly at: number;
  readonly change: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly keys: Image;
  readonly before?: Image;
  readonly after?: Image;
  readonly isExpiry: boolean;
};

/** A stream outlives its table, and its end, by a day. */
export type TableStream = {
  readonly arn: string;
  readonly label: string;
  readonly tableName: string;
  readonly view: StreamViewType;
  readonly keyNames: readonly string[];
  isEnabled: boolean;
  /** The number of records so far, with those that the stream no longer keeps. */
  written: number;
  /** In order, without those that are older than a day. */
  readonly records: StreamRecord[];
};

export type StreamsState = { readonly streams: Map<string, TableStream> };
export type StreamsAt = At<StreamsState>;

export const DYNAMODB_STREAMS: StateKey<StreamsState> = {
  name: 'dynamodbstreams',
  scope: 'region',
  state: () => ({ streams: new Map() }),
};
