import * as z from 'zod';
import type { CreatedResource, ResourceName, ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, tagsSchema } from '../properties.ts';
import { deploymentMs, deploymentOperations, startDeployment } from './deployments.ts';
import { type AppConfigAt, type AppConfigState, existingStrategy } from './state.ts';

const commonProperties = { Name: z.string(), Description: z.string().optional(), Tags: tagsSchema.optional() };
const numericSchema = z.union([z.number(), z.string().transform(Number)]);
const deletionCheckSchema = z.enum(['ACCOUNT_DEFAULT', 'APPLY', 'BYPASS']).optional();

const schemas = {
  Application: z.strictObject(commonProperties),
  Environment: z.strictObject({
    ...commonProperties,
    ApplicationId: z.string(),
    DeletionProtectionCheck: deletionCheckSchema,
  }),
  ConfigurationProfile: z.strictObject({
    ...commonProperties,
    ApplicationId: z.string(),
    LocationUri: z.string(),
    Type: z.string().optional(),
    Validators: z.array(z.strictObject({ Type: z.enum(['JSON_SCHEMA', 'LAMBDA']), Content: z.string() })).optional(),
    KmsKeyIdentifier: z.string().optional(),
    DeletionProtectionCheck: deletionCheckSchema,
  }),
  HostedConfigurationVersion: z.strictObject({
    ApplicationId: z.string(),
    ConfigurationProfileId: z.string(),
    Content: z.string(),
    ContentType: z.string(),
    Description: z.string().optional(),
    LatestVersionNumber: z.number().optional(),
    VersionLabel: z.string().optional(),
  }),
  DeploymentStrategy: z.strictObject({
    ...commonProperties,
    DeploymentDurationInMinutes: numericSchema,
    GrowthFactor: numericSchema,
    GrowthType: z.enum(['LINEAR', 'EXPONENTIAL']).optional(),
    FinalBakeTimeInMinutes: numericSchema.optional(),
    ReplicateTo: z.string(),
  }),
  Deployment: z.strictObject({
    ApplicationId: z.string(),
    EnvironmentId: z.string(),
    ConfigurationProfileId: z.string(),
    ConfigurationVersion: z.union([z.string(), z.number().transform(String)]),
    DeploymentStrategyId: z.string(),
    Description: z.string().optional(),
    KmsKeyIdentifier: z.string().optional(),
    Tags: tagsSchema.optional(),
  }),
};

type Kind = keyof typeof schemas;

export const appconfigResources: Record<string, ResourceType<AppConfigState>> = {
  'AWS::AppConfig::Application': createdByOperation('Application', 'ApplicationId'),
  'AWS::AppConfig::Environment': createdByOperation('Environment', 'EnvironmentId'),
  'AWS::AppConfig::ConfigurationProfile': createdByOperation('ConfigurationProfile', 'ConfigurationProfileId'),
  'AWS::AppConfig::DeploymentStrategy': createdByOperation('DeploymentStrategy', 'Id'),
  // CloudFormation replaces a changed version or deployment; AppConfig keeps the old one.
  'AWS::AppConfig::HostedConfigurationVersion': {
    create: createConfigurationVersion,
    update: (_existing, properties, at, resource) => createConfigurationVersion(properties, at, resource),
    remove: async ({ ref }, at, _resource, { ApplicationId, ConfigurationProfileId }) => {
      const version = { ApplicationId, ConfigurationProfileId, VersionNumber: Number(ref) };
      await call(at, 'DeleteHostedConfigurationVersion', version);
    },
  },
  'AWS::AppConfig::Deployment': {
    create: deploy,
    update: (_existing, properties, at, resource) => deploy(properties, at, resource),
    remove: () => {},
  },
};

function createdByOperation(kind: Kind, attribute: string): ResourceType<AppConfigState> {
  return {
    async create(properties, at, resource): Promise<CreatedResource> {
      const { Tags, DeletionProtectionCheck, ...input } = parse(kind, properties, resource) as Record<string, unknown>;
      const { Id, KmsKeyArn } = await call<{ Id: string; KmsKeyArn?: string }>(at, `Create${kind}`, input);
      return { ref: Id, attributes: { [attribute]: Id, ...(KmsKeyArn && { KmsKeyArn }) } };
    },
    async remove({ ref }, at, _resource, { ApplicationId }) {
      const name = kind === 'DeploymentStrategy' ? 'DeploymentStrategyId' : `${kind}Id`;
      await call(at, `Delete${kind}`, { ApplicationId, [name]: ref });
    },
  };
}

async function createConfigurationVersion(
  properties: unknown,
  at: AppConfigAt,
  resource: ResourceName,
): Promise<CreatedResource> {
  const version = parse('HostedConfigurationVersion', properties, resource);
  const Content = new TextEncoder().encode(version.Content);
  const { VersionNumber } = await call<{ VersionNumber: number }>(at, 'CreateHostedConfigurationVersion', {
    ...version,
    Content,
  });
  return { ref: String(VersionNumber), attributes: { VersionNumber: String(VersionNumber) } };
}

/** Sets the start in the past, so that the deployment is complete at once: CloudFormation waits for completion. */
async function deploy(properties: unknown, at: AppConfigAt, resource: ResourceName): Promise<CreatedResource> {
  const { Tags, ...input } = parse('Deployment', properties, resource);
  for (const need of deploymentOperations.StartDeployment.needs(input, at)) at.kernel.authorize(at.principal, at, need);
  const durationMs = deploymentMs(existingStrategy(at, input.DeploymentStrategyId));
  const { number } = await startDeployment(input, at, at.kernel.clock.now() - durationMs);
  return { ref: String(number), attributes: { DeploymentNumber: String(number), State: 'COMPLETE' } };
}

function parse<K extends Kind>(kind: K, properties: unknown, resource: ResourceName): z.infer<(typeof schemas)[K]> {
  return parseProperties(`AWS::AppConfig::${kind}`, schemas[kind] as z.ZodType<any>, properties, resource);
}

const call = <T>(at: AppConfigAt, operation: string, input: object): Promise<T> =>
  at.kernel.call(at.principal, at, 'appconfig', operation, input);
