/** Metric filters belong to their log group. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html */
import * as sdk from '@aws-sdk/client-cloudwatch-logs';
import { recordNeed, recordOperations, verb } from '../../records/operation.ts';
import { putsPart } from '../../records/parts.ts';
import { existingRecord, type RecordAt, type StoredRecord } from '../../records/record.ts';
import { anyTexts, anythingIn, anyValue, between, enumOf, listOf } from '../../records/rules.ts';
import { presentRecords } from '../../records/verbs.ts';
import { pageOf } from '../requests.ts';
import { invalidLogsValue, logsError } from './errors.ts';
import { LOG_GROUP, LOGS_PAGES, METRIC_FILTERS, metricFiltersOf } from './log-groups.ts';

const MAX_FILTERS = 100;
const TRANSFORMATION = listOf<sdk.MetricTransformation>({
  metricName: anyValue,
  metricNamespace: anyValue,
  metricValue: anyValue,
  defaultValue: anyValue,
  dimensions: anyTexts,
  unit: enumOf(sdk.StandardUnit),
});

export const metricFilterOperations = recordOperations<typeof sdk>('logs', {
  PutMetricFilter: putsPart(LOG_GROUP, METRIC_FILTERS, {
    takes: { filterName: anyValue, filterPattern: anyValue, metricTransformations: TRANSFORMATION },
    value: ({ filterName = '', filterPattern, metricTransformations = [] }, before = {}, group) => {
      if (metricTransformations.length !== 1) throw invalidLogsValue('A metric filter has one metric transformation');
      if (!before[filterName] && Object.keys(before).length >= MAX_FILTERS)
        throw logsError('LimitExceededException', 'Resource limit exceeded.');
      const logGroupName = group.fields.logGroupName as string;
      return { ...before, [filterName]: { filterName, filterPattern, metricTransformations, logGroupName } };
    },
    shows: () => ({}),
  }),
  DeleteMetricFilter: putsPart(LOG_GROUP, METRIC_FILTERS, {
    takes: { filterName: anyValue },
    value: ({ filterName = '' }, before = {}) => {
      if (!before[filterName])
        throw logsError('ResourceNotFoundException', 'The specified metric filter does not exist.');
      const { [filterName]: _, ...others } = before;
      return others;
    },
    shows: () => ({}),
  }),
  DescribeMetricFilters: verb<sdk.DescribeMetricFiltersRequest, sdk.DescribeMetricFiltersResponse>({
    rules: {
      ...anythingIn(['logGroupName', 'nextToken']),
      filterNamePrefix: anyValue,
      metricName: anyValue,
      metricNamespace: anyValue,
      limit: between(...LOGS_PAGES.sizes),
    },
    invalid: invalidLogsValue,
    arns: [LOG_GROUP.arn],
    needs: ({ logGroupName = '*' }, at) => [recordNeed(LOG_GROUP, logGroupName, at)],
    run: (input, at) => {
      const filters = groupsNamed(input.logGroupName, at).flatMap((group) => Object.values(metricFiltersOf(group)));
      const { items, nextToken } = pageOf(
        filters.filter((filter) => isWanted(filter, input)),
        input.nextToken,
        input.limit ?? LOGS_PAGES.defaultSize,
        LOGS_PAGES.invalidToken,
      );
      return { metricFilters: items, nextToken };
    },
  }),
});

const groupsNamed = (name: string | undefined, at: RecordAt): StoredRecord[] =>
  name === undefined ? presentRecords(LOG_GROUP, at) : [existingRecord(LOG_GROUP, name, at)];

const isWanted = (
  { filterName = '', metricTransformations = [] }: sdk.MetricFilter,
  { filterNamePrefix = '', metricName, metricNamespace }: sdk.DescribeMetricFiltersRequest,
): boolean =>
  filterName.startsWith(filterNamePrefix) &&
  metricTransformations.some(
    (each) =>
      (metricName ?? each.metricName) === each.metricName &&
      (metricNamespace ?? each.metricNamespace) === each.metricNamespace,
  );
