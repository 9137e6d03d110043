/** Log groups: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html */
import * as sdk from '@aws-sdk/client-cloudwatch-logs';
import { AwsError, type Principal } from '../../kernel/kernel.ts';
import { recordOperations } from '../../records/operation.ts';
import type { RecordKind, RecordPart, StoredRecord } from '../../records/record.ts';
import { allowedValues, anyValue, enumOf, matching } from '../../records/rules.ts';
import { TAG_MAP } from '../../records/tag-forms.ts';
import { changes, creates, deletes, lists } from '../../records/verbs.ts';
import { keyNeeds } from '../kms/needs.ts';
import { invalidLogsValue, logsError } from './errors.ts';
import { RETENTION_DAYS } from './properties.ts';
import type { LogsAt } from './state.ts';

export type MetricFilters = Readonly<Record<string, sdk.MetricFilter>>;

export const METRIC_FILTERS: RecordPart<MetricFilters> = { name: 'metricFilters', initially: {} };

export const LOG_GROUP: RecordKind<sdk.LogGroup> = {
  name: 'groups',
  arn: 'arn:{partition}:logs:{region}:{account}:log-group:{id}',
  id: 'logGroupName',
  // Some APIs write the ARN of a log group with this end, which stands for its streams.
  normalId: (name) => name.replace(/:\*$/, ''),
  missing: () => logsError('ResourceNotFoundException', 'The specified log group does not exist.'),
  exists: () => logsError('ResourceAlreadyExistsException', 'The specified log group already exists'),
  invalid: invalidLogsValue,
  initially: ({ arn, at }) => ({
    arn: `${arn}:*`,
    logGroupArn: arn,
    creationTime: at.kernel.clock.now(),
    logGroupClass: 'STANDARD',
    storedBytes: 0,
  }),
  generated: ['creationTime'],
  parts: [METRIC_FILTERS],
  derived: (group) => ({ metricFilterCount: Object.keys(metricFiltersOf(group)).length }),
  tags: TAG_MAP,
};

export const metricFiltersOf = ({ parts }: StoredRecord): MetricFilters => (parts.metricFilters ?? {}) as MetricFilters;

/** AWS keeps the logs of this class for two days, and ignores other retentions. */
const isDelivery = (group: { readonly logGroupClass?: unknown }): boolean => group.logGroupClass === 'DELIVERY';

export const LOGS_PAGES = {
  token: 'nextToken',
  next: 'nextToken',
  size: 'limit',
  sizes: [1, 50],
  defaultSize: 50,
  invalidToken: () => invalidLogsValue('The specified nextToken is invalid.'),
} as const;

export const logGroupOperations = recordOperations<typeof sdk>('logs', {
  CreateLogGroup: creates(LOG_GROUP, {
    takes: { kmsKeyId: anyValue, logGroupClass: enumOf(sdk.LogGroupClass) },
    tags: 'tags',
    silent: true,
    also: (input) => (isDelivery(input) ? { retentionInDays: 2 } : {}),
    check: ({ logGroupName = '', kmsKeyId }, at) => {
      const request = { operation: 'CreateLogGroup', invalid: invalidLogsValue };
      matching(/^[.\-_/#A-Za-z0-9]{1,512}$/).check(logGroupName, 'logGroupName', request);
      if (!at.state.kinds.groups!.has(logGroupName)) checkLogGroupKey(kmsKeyId, logGroupName, at);
    },
  }),
  DescribeLogGroups: lists(LOG_GROUP, {
    withoutResource: true,
    under: 'logGroups',
    pages: LOGS_PAGES,
    takes: { logGroupNamePrefix: anyValue, logGroupNamePattern: anyValue },
    only: ({ logGroupName }, { logGroupNamePrefix = '', logGroupNamePattern = '' }) =>
      String(logGroupName).startsWith(logGroupNamePrefix) && String(logGroupName).includes(logGroupNamePattern),
  }),
  PutRetentionPolicy: changes(LOG_GROUP, {
    takes: { retentionInDays: allowedValues(...RETENTION_DAYS) },
    effect: (given, group) => (isDelivery(group) ? {} : { now: given }),
    silent: true,
  }),
  DeleteRetentionPolicy: changes(LOG_GROUP, {
    takes: {},
    effect: (_, group) => (isDelivery(group) ? {} : { now: { retentionInDays: undefined } }),
    silent: true,
  }),
  DeleteLogGroup: deletes(LOG_GROUP, { silent: true }),
});

/**
 * Checks that the key's policy lets the service of this Region use the key for this log group.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/logs/encrypt-log-data-kms.html
 */
export function checkLogGroupKey(keyArn: string | undefined, name: string, at: LogsAt): void {
  const service = `logs.${at.region}.amazonaws.com${at.partition === 'aws-cn' ? '.cn' : ''}`;
  const arn = `arn:${at.partition}:logs:${at.region}:${at.account}:log-group:${name}`;
  const principal: Principal = { kind: 'service', service, account: at.account, source: arn };
  const actions = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey'];
  try {
    for (const need of keyNeeds(at.kernel, at, keyArn, actions, service, { 'aws:logs:arn': arn })) {
      at.kernel.authorize(principal, at, need);
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(
      'AccessDeniedException',
      `The specified KMS key does not exist or is not allowed to be used with Arn '${arn}'`,
    );
  }
}
