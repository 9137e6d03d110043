/**
 * Log groups, metric filters and resource policies from templates. The service must be allowed to use a log group's
 * key. The API is not modelled, and no log events are stored.
 */
import type * as z from 'zod';
import { wholeState } from '../../kernel/comparison.ts';
import { AwsError, type CreatedResource, defineService, type Principal, type Service } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/needs.ts';
import { locateByName } from '../locate.ts';
import { parseProperties, physicalName } from '../properties.ts';
import { logGroupSchema, metricFilterSchema, resourcePolicySchema } from './properties.ts';
import { LOGS, type LogGroup, type LogsAt, type LogsState, logGroupArn } from './state.ts';

const MAX_RESOURCE_POLICIES = 10;

const TYPES = {
  logGroup: 'AWS::Logs::LogGroup',
  metricFilter: 'AWS::Logs::MetricFilter',
  resourcePolicy: 'AWS::Logs::ResourcePolicy',
};

type LogGroupProperties = z.infer<typeof logGroupSchema>;

export const logs: Service<{}, LogsState> = defineService<{}, LogsState>({
  ...LOGS,
  sdk: {},
  client: class {},
  prefix: 'logs',
  comparable: wholeState,
  locate: locateByName({ 'log-group:': 'groups' }),
  operations: {},
  resources: {
    [TYPES.logGroup]: {
      create(input, at, resource) {
        const properties = parseProperties(TYPES.logGroup, logGroupSchema, input, resource);
        return createLogGroup(properties.LogGroupName ?? physicalName(at.kernel, resource, '', 512), properties, at);
      },
      update(existing, input, at, resource) {
        const properties = parseProperties(TYPES.logGroup, logGroupSchema, input, resource);
        const group = existingGroup(at, existing.ref);
        if (properties.KmsKeyId !== group.kmsKeyId) checkKey(properties.KmsKeyId, group.name, at);
        group.retentionInDays = properties.RetentionInDays;
        group.kmsKeyId = properties.KmsKeyId;
        return existing;
      },
      remove: (existing, at) => void at.state.groups.delete(existing.ref),
    },
    [TYPES.metricFilter]: {
      create(input, at, resource) {
        const properties = parseProperties(TYPES.metricFilter, metricFilterSchema, input, resource);
        existingGroup(at, properties.LogGroupName);
        const name = properties.FilterName ?? physicalName(at.kernel, resource, '', 512);
        at.state.metricFilters.set(`${properties.LogGroupName}/${name}`, { ...properties, FilterName: name });
        return { ref: name };
      },
    },
    [TYPES.resourcePolicy]: {
      create: (input, at, resource) =>
        putResourcePolicy(parseProperties(TYPES.resourcePolicy, resourcePolicySchema, input, resource), at),
      update: (_existing, input, at, resource) =>
        putResourcePolicy(parseProperties(TYPES.resourcePolicy, resourcePolicySchema, input, resource), at),
      remove: (existing, at) => void at.state.resourcePolicies.delete(existing.ref),
    },
  },
});

function createLogGroup(name: string, properties: LogGroupProperties, at: LogsAt): CreatedResource {
  if (at.state.groups.has(name))
    throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
  checkKey(properties.KmsKeyId, name, at);
  const arn = `${logGroupArn(at, name)}:*`;
  at.state.groups.set(name, { name, arn, retentionInDays: properties.RetentionInDays, kmsKeyId: properties.KmsKeyId });
  return { ref: name, attributes: { Arn: arn } };
}

/**
 * The key's policy must let the service of this Region use the key for this log group.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/logs/encrypt-log-data-kms.html
 */
function checkKey(keyArn: string | undefined, name: string, at: LogsAt): void {
  const service = `logs.${at.region}.amazonaws.com`;
  const arn = logGroupArn(at, name);
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

function putResourcePolicy(
  { PolicyName, PolicyDocument }: z.infer<typeof resourcePolicySchema>,
  at: LogsAt,
): CreatedResource {
  const policies = at.state.resourcePolicies;
  if (!policies.has(PolicyName) && policies.size >= MAX_RESOURCE_POLICIES)
    throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
  try {
    JSON.parse(PolicyDocument);
  } catch {
    throw new AwsError('InvalidParameterException', 'The specified resource policy is not valid JSON');
  }
  policies.set(PolicyName, PolicyDocument);
  return { ref: PolicyName };
}

function existingGroup(at: LogsAt, name: string): LogGroup {
  const group = at.state.groups.get(name);
  if (group) return group;
  throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
}
