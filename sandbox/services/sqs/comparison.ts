/** A queue includes its messages. */
import { generated, type RecordPath } from '../../kernel/comparison.ts';
import { parseArn } from '../arn.ts';
import type { Queue, SqsState } from './state.ts';

const comparable = ({ queues, ...state }: SqsState): unknown => ({
  ...state,
  queues: new Map([...queues].map(([name, queue]) => [name, comparableQueue(queue)])),
});

/** A queue counts its messages and keeps the date of its last change. */
const comparableQueue = ({ modifiedAt, sequence, sentByDedupId, ...queue }: Queue) => ({
  ...queue,
  counters: generated({ modifiedAt, sequence, sentByDedupId }),
});

const locate = (arn: string): readonly RecordPath[] => {
  const { resource } = parseArn(arn);
  return resource === '' ? [] : [['queues', resource]];
};

export const sqsComparison = { comparable, locate };
