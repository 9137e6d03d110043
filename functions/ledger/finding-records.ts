import { JOB_VERSION, type Job } from '../domain/job.ts';
import {
  type Ending,
  type ExecutionFailure,
  findingKey,
  historyKey,
  keptDays,
  LedgerStatus,
} from '../domain/ledger.ts';
import { hash } from '../domain/trace.ts';
import { type DynamoItem, expiryAttribute, itemKey, numberAttribute } from './ledger-items.ts';

const VERSION: DynamoItem = { v: numberAttribute(JOB_VERSION) };

/** A function of an older release, or an old message, must not overwrite what a newer release wrote. */
export const NOT_NEWER_FORMAT: { readonly expression: string; readonly values: DynamoItem } = {
  expression: 'attribute_not_exists(v) OR v <= :version',
  values: { ':version': numberAttribute(JOB_VERSION) },
};

export const statusAttributes = (status: LedgerStatus): DynamoItem => ({
  ...VERSION,
  ...Object.fromEntries(
    Object.entries(status)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, { S: String(value) }]),
  ),
});

/** Returns attributes that an earlier status may have but this one does not. */
export const absentAttributes = (status: LedgerStatus): string[] =>
  (Object.keys(LedgerStatus.shape) as (keyof LedgerStatus)[]).filter((name) => status[name] === undefined);

export const historyItem = (
  job: Job,
  ending: Ending,
  at: string,
  now: number,
  failure?: ExecutionFailure,
): DynamoItem => ({
  ...itemKey(findingKey(job.finding.id), historyKey(job)),
  ...VERSION,
  outcome: { S: ending },
  at: { S: at },
  trace: { S: hash(job.execution) },
  job: { S: JSON.stringify(job) },
  ...(failure && { failure: { S: JSON.stringify(failure) } }),
  expires: expiryAttribute(now, keptDays(ending)),
});
