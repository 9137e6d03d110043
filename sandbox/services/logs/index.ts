/** Amazon CloudWatch Logs: log groups, metric filters, which count nothing, and the logs of functions and of APIs. */
import * as sdk from '@aws-sdk/client-cloudwatch-logs';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { recordComparison } from '../../records/comparison.ts';
import { recordOperations } from '../../records/operation.ts';
import type { RecordState } from '../../records/record.ts';
import { TAG_MAP } from '../../records/tag-forms.ts';
import { addsTags, listsTags, removesTags, type TaggedKinds } from '../../records/tags.ts';
import { lists } from '../../records/verbs.ts';
import { logsError } from './errors.ts';
import { filterLogEvents } from './filter-log-events.ts';
import { LOG_GROUP, LOGS_PAGES, logGroupOperations } from './log-groups.ts';
import { metricFilterOperations } from './metric-filters.ts';
import { LOGS_RESOURCE_POLICY, logsResources } from './resources.ts';
import { LOGS } from './state.ts';

const TAGGED: TaggedKinds = {
  kinds: [LOG_GROUP],
  form: TAG_MAP,
  unknownArn: () => logsError('ResourceNotFoundException', 'The specified resource does not exist.'),
  tooMany: () => logsError('TooManyTagsException', 'A resource has at most 50 tags.'),
};

export const logs: Service<typeof sdk, RecordState> = defineService<typeof sdk, RecordState>({
  ...LOGS,
  ...recordComparison([LOG_GROUP, LOGS_RESOURCE_POLICY]),
  sdk,
  client: sdk.CloudWatchLogsClient,
  prefix: 'logs',
  operations: {
    ...logGroupOperations,
    ...metricFilterOperations,
    FilterLogEvents: filterLogEvents,
    ...recordOperations<typeof sdk>('logs', {
      DescribeResourcePolicies: lists(LOGS_RESOURCE_POLICY, {
        withoutResource: true,
        under: 'resourcePolicies',
        pages: LOGS_PAGES,
      }),
      ListTagsForResource: listsTags(TAGGED, 'resourceArn', 'tags'),
      TagResource: addsTags(TAGGED, 'resourceArn', 'tags'),
      UntagResource: removesTags(TAGGED, 'resourceArn', 'tagKeys'),
    }),
  },
  resources: logsResources,
});
