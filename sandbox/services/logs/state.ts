import { type RecordAt, type RecordState, recordStateKey } from '../../records/record.ts';

export type LogsAt = RecordAt;

export const LOGS = recordStateKey('logs', 'region', ['groups', 'resourcePolicies']);

export const logGroupKey = ({ kinds }: RecordState, name: string): string | undefined =>
  kinds.groups!.get(name)?.fields.kmsKeyId as string | undefined;
