/**
 * CloudWatch Logs, as far as templates make it: log groups, metric filters and resource policies are kept, and a log
 * group's key must be usable by the service. Its API is not modelled, and no log events are stored.
 */
import * as z from 'zod';
import {
  type At,
  AwsError,
  type AwsPlace,
  type CreatedResource,
  defineService,
  type Principal,
  type Service,
} from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/index.ts';
import { parseProperties, physicalName, tagsSchema } from '../properties.ts';

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
  /** Documents by policy name. */
  readonly resourcePolicies: Map<string, string>;
};

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const logGroupSchema = z.strictObject({
  LogGroupName: z
    .string()
    .regex(/^[.\-_/#A-Za-z0-9]{1,512}$/)
    .optional(),
  RetentionInDays: z.literal(retentionDays).optional(),
  KmsKeyId: z.string().optional(),
  LogGroupClass: z.enum(['STANDARD', 'INFREQUENT_ACCESS']).optional(),
  Tags: tagsSchema.optional(),
});

const metricFilterSchema = z.strictObject({
  LogGroupName: z.string(),
  FilterName: z.string().optional(),
  FilterPattern: z.string(),
  MetricTransformations: z
    .array(
      z.strictObject({
        MetricName: z.string(),
        MetricNamespace: z.string(),
        MetricValue: z.string(),
        DefaultValue: z.number().optional(),
        Unit: z.string().optional(),
        Dimensions: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
      }),
    )
    .length(1),
});

/** A document has at most 5,120 characters, an account at most ten of them a Region. */
const resourcePolicySchema = z.strictObject({ PolicyName: z.string(), PolicyDocument: z.string().max(5120) });
const maximumPolicies = 10;

const types = {
  logGroup: 'AWS::Logs::LogGroup',
  metricFilter: 'AWS::Logs::MetricFilter',
  resourcePolicy: 'AWS::Logs::ResourcePolicy',
};

type Here = At<LogsState>;
type LogGroupProperties = z.infer<typeof logGroupSchema>;

export const logs: Service<{}, LogsState> = defineService<{}, LogsState>({
  name: 'logs',
  sdk: {},
  client: class {},
  prefix: 'logs',
  scope: 'region',
  state: () => ({ groups: new Map(), metricFilters: new Map(), resourcePolicies: new Map() }),
  operations: {},
  resources: {
    [types.logGroup]: {
      create(given, at, resource) {
        const properties = parseProperties(types.logGroup, logGroupSchema, given, resource);
        return createLogGroup(properties.LogGroupName ?? physicalName(at.kernel, resource, '', 512), properties, at);
      },
      update(made, given, at, resource) {
        const properties = parseProperties(types.logGroup, logGroupSchema, given, resource);
        const group = existingGroup(at, made.ref);
        if (properties.KmsKeyId !== group.kmsKeyId) checkKey(properties.KmsKeyId, group.name, at);
        group.retentionInDays = properties.RetentionInDays;
        group.kmsKeyId = properties.KmsKeyId;
        return made;
      },
      remove: (made, at) => void at.state.groups.delete(made.ref),
    },
    [types.metricFilter]: {
      create(given, at, resource) {
        const properties = parseProperties(types.metricFilter, metricFilterSchema, given, resource);
        existingGroup(at, properties.LogGroupName);
        const name = properties.FilterName ?? physicalName(at.kernel, resource, '', 512);
        at.state.metricFilters.set(`${properties.LogGroupName}/${name}`, { ...properties, FilterName: name });
        return { ref: name };
      },
    },
    [types.resourcePolicy]: {
      create: (given, at, resource) =>
        putResourcePolicy(parseProperties(types.resourcePolicy, resourcePolicySchema, given, resource), at),
      update: (_made, given, at, resource) =>
        putResourcePolicy(parseProperties(types.resourcePolicy, resourcePolicySchema, given, resource), at),
      remove: (made, at) => void at.state.resourcePolicies.delete(made.ref),
    },
  },
});

export const logGroupArn = (place: AwsPlace, name: string) =>
  `arn:${place.partition}:logs:${place.region}:${place.account}:log-group:${name}`;

function createLogGroup(name: string, properties: LogGroupProperties, at: Here): CreatedResource {
  if (at.state.groups.has(name)) {
    throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
  }
  checkKey(properties.KmsKeyId, name, at);
  const arn = `${logGroupArn(at, name)}:*`;
  at.state.groups.set(name, { name, arn, retentionInDays: properties.RetentionInDays, kmsKeyId: properties.KmsKeyId });
  return { ref: name, attributes: { Arn: arn } };
}

/**
 * The key's policy must let the service of this Region use it for this log group.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/logs/encrypt-log-data-kms.html
 */
function checkKey(keyArn: string | undefined, name: string, at: Here): void {
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
  at: Here,
): CreatedResource {
  const policies = at.state.resourcePolicies;
  if (!policies.has(PolicyName) && policies.size >= maximumPolicies) {
    throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
  }
  try {
    JSON.parse(PolicyDocument);
  } catch {
    throw new AwsError('InvalidParameterException', 'The specified resource policy is not valid JSON');
  }
  policies.set(PolicyName, PolicyDocument);
  return { ref: PolicyName };
}

function existingGroup(at: Here, name: string): LogGroup {
  const group = at.state.groups.get(name);
  if (group) return group;
  throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
}
