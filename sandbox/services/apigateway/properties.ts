/** The sandbox accepts only properties to which it gives an effect. */
import * as z from 'zod';
import { flag, tagsSchema } from '../properties.ts';

const document = z.record(z.string(), z.unknown());

export const restApiProperties = z.strictObject({
  Name: z.string(),
  Description: z.string().optional(),
  Policy: document.optional(),
  EndpointConfiguration: z.strictObject({
    Types: z.tuple([z.enum(['REGIONAL', 'PRIVATE'])]),
    VpcEndpointIds: z.array(z.string().startsWith('vpce-')).optional(),
  }),
  Tags: tagsSchema.optional(),
});

export const resourceProperties = z.strictObject({
  RestApiId: z.string(),
  ParentId: z.string(),
  PathPart: z.string().regex(/^([\w.:-]+|\{[\w.-]+\})$/, 'the sandbox models words and {parameters}'),
});

export const methodProperties = z.strictObject({
  RestApiId: z.string(),
  ResourceId: z.string(),
  HttpMethod: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  AuthorizationType: z.literal('AWS_IAM', 'the sandbox models methods with IAM authorization'),
  Integration: z.strictObject({
    Type: z.literal('AWS_PROXY'),
    IntegrationHttpMethod: z.literal('POST', 'Lambda takes invocations by POST'),
    Uri: z.string().regex(/:lambda:path\/2015-03-31\/functions\/arn:[^/]+\/invocations$/, 'invokes a Lambda function'),
  }),
});

export const deploymentProperties = z.strictObject({ RestApiId: z.string(), Description: z.string().optional() });

const everyMethod = z.strictObject({
  HttpMethod: z.literal('*'),
  ResourcePath: z.literal('/*'),
  ThrottlingRateLimit: z.coerce.number().positive().optional(),
  ThrottlingBurstLimit: z.coerce.number().int().positive().optional(),
  /** Metrics and logs of executions are not visible in the sandbox. */
  MetricsEnabled: flag.optional(),
  DataTraceEnabled: flag.optional(),
  LoggingLevel: z.enum(['OFF', 'ERROR', 'INFO']).optional(),
});

export const stageProperties = z.strictObject({
  RestApiId: z.string(),
  DeploymentId: z.string(),
  StageName: z.string().regex(/^\w{1,128}$/),
  Description: z.string().optional(),
  MethodSettings: z.array(everyMethod).max(1).optional(),
  AccessLogSetting: z.strictObject({ DestinationArn: z.string(), Format: z.string() }).optional(),
  TracingEnabled: flag.optional(),
  Tags: tagsSchema.optional(),
});

export const accountProperties = z.strictObject({ CloudWatchRoleArn: z.string() });
