/** Log groups, metric filters and resource policies from templates. */
import type * as z from 'zod';
import { AwsError, type CreatedResource, type ResourceType } from '../../kernel/kernel.ts';
import { existingRecord, type RecordKind, type RecordState, recordsOf } from '../../records/record.ts';
import { parseProperties, physicalName } from '../properties.ts';
import { invalidLogsValue, logsError } from './errors.ts';
import { checkLogGroupKey, LOG_GROUP, logGroupOperations } from './log-groups.ts';
import { metricFilterOperations } from './metric-filters.ts';
import { logGroupSchema, metricFilterSchema, resourcePolicySchema } from './properties.ts';
import { storedResourcePolicy } from './resource-policy.ts';
import type { LogsAt } from './state.ts';

const TYPES = {
  logGroup: 'AWS::Logs::LogGroup',
  metricFilter: 'AWS::Logs::MetricFilter',
  resourcePolicy: 'AWS::Logs::ResourcePolicy',
};

/** Only templates create them. */
export const LOGS_RESOURCE_POLICY: RecordKind = {
  name: 'resourcePolicies',
  arn: '*',
  id: 'policyName',
  missing: () => logsError('ResourceNotFoundException', 'The specified resource policy does not exist.'),
  invalid: invalidLogsValue,
  initially: () => ({}),
};
const MAX_RESOURCE_POLICIES = 10;

type LogGroupProperties = z.infer<typeof logGroupSchema>;

export const logsResources: Record<string, ResourceType<RecordState>> = {
  [TYPES.logGroup]: {
    create(input, at, resource) {
      const properties = parseProperties(TYPES.logGroup, logGroupSchema, input, resource);
      return createGroup(properties.LogGroupName ?? physicalName(at.kernel, resource, '', 512), properties, at);
    },
    update(existing, input, at, resource) {
      const { KmsKeyId, RetentionInDays } = parseProperties(TYPES.logGroup, logGroupSchema, input, resource);
      const group = existingRecord(LOG_GROUP, existing.ref, at);
      if (KmsKeyId !== group.fields.kmsKeyId) checkLogGroupKey(KmsKeyId, existing.ref, at);
      const fields = { ...group.fields, kmsKeyId: KmsKeyId, retentionInDays: RetentionInDays };
      recordsOf(LOG_GROUP, at).set(existing.ref, { ...group, fields });
      return existing;
    },
    remove: (existing, at) => void recordsOf(LOG_GROUP, at).delete(existing.ref),
  },
  [TYPES.metricFilter]: {
    create(input, at, resource) {
      const properties = parseProperties(TYPES.metricFilter, metricFilterSchema, input, resource);
      const name = properties.FilterName ?? physicalName(at.kernel, resource, '', 512);
      return putFilter(name, properties, at);
    },
  },
  [TYPES.resourcePolicy]: {
    create: (input, at, resource) =>
      putResourcePolicy(parseProperties(TYPES.resourcePolicy, resourcePolicySchema, input, resource), at),
    update: (_existing, input, at, resource) =>
      putResourcePolicy(parseProperties(TYPES.resourcePolicy, resourcePolicySchema, input, resource), at),
    remove: (existing, at) => void recordsOf(LOGS_RESOURCE_POLICY, at).delete(existing.ref),
  },
};

async function createGroup(name: string, properties: LogGroupProperties, at: LogsAt): Promise<CreatedResource> {
  const { KmsKeyId: kmsKeyId, LogGroupClass: logGroupClass, RetentionInDays: retentionInDays, Tags = [] } = properties;
  const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
  await logGroupOperations.CreateLogGroup!.run({ logGroupName: name, kmsKeyId, logGroupClass, tags }, at);
  if (retentionInDays) await logGroupOperations.PutRetentionPolicy!.run({ logGroupName: name, retentionInDays }, at);
  const { arn } = existingRecord(LOG_GROUP, name, at).fields;
  return { ref: name, attributes: { Arn: arn } };
}

async function putFilter(
  filterName: string,
  { LogGroupName: logGroupName, FilterPattern, MetricTransformations }: z.infer<typeof metricFilterSchema>,
  at: LogsAt,
): Promise<CreatedResource> {
  const metricTransformations = MetricTransformations.map((each) => ({
    metricName: each.MetricName,
    metricNamespace: each.MetricNamespace,
    metricValue: each.MetricValue,
    defaultValue: each.DefaultValue,
    unit: each.Unit,
    dimensions: each.Dimensions && Object.fromEntries(each.Dimensions.map(({ Key, Value }) => [Key, Value])),
  }));
  const filter = { logGroupName, filterName, filterPattern: FilterPattern, metricTransformations };
  await metricFilterOperations.PutMetricFilter!.run(filter, at);
  return { ref: filterName };
}

function putResourcePolicy(
  { PolicyName, PolicyDocument }: z.infer<typeof resourcePolicySchema>,
  at: LogsAt,
): CreatedResource {
  const policies = recordsOf(LOGS_RESOURCE_POLICY, at);
  if (!policies.has(PolicyName) && policies.size >= MAX_RESOURCE_POLICIES)
    throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
  const policyDocument = storedResourcePolicy(PolicyDocument, at);
  policies.set(PolicyName, { arn: '*', fields: { policyDocument }, tags: {}, parts: {} });
  return { ref: PolicyName };
}
