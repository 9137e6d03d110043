import * as z from 'zod';
import type { At, CreatedResource, ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, tagsSchema } from '../properties.ts';
import { deploymentOperations, lengthOf, startDeployment } from './deployments.ts';
import { type AppConfigState, strategyOf } from './state.ts';

type Here = At<AppConfigState>;
type Resource = { readonly logicalId: string; readonly stack: string };

const named = { Name: z.string(), Description: z.string().optional(), Tags: tagsSchema.optional() };
const numeric = z.union([z.number(), z.string().transform(Number)]);
const deletionCheck = z.enum(['ACCOUNT_DEFAULT', 'APPLY', 'BYPASS']).optional();

const schemas = {
  Application: z.strictObject(named),
  Environment: z.strictObject({ ...named, ApplicationId: z.string(), DeletionProtectionCheck: deletionCheck }),
  ConfigurationProfile: z.strictObject({
    ...named,
    ApplicationId: z.string(),
    LocationUri: z.string(),
    Type: z.string().optional(),
    Validators: z.array(z.strictObject({ Type: z.enum(['JSON_SCHEMA', 'LAMBDA']), Content: z.string() })).optional(),
    KmsKeyIdentifier: z.string().optional(),
    DeletionProtectionCheck: deletionCheck,
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
    ...named,
    DeploymentDurationInMinutes: numeric,
    GrowthFactor: numeric,
    GrowthType: z.enum(['LINEAR', 'EXPONENTIAL']).optional(),
    FinalBakeTimeInMinutes: numeric.optional(),
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
  'AWS::AppConfig::Application': made('Application', 'ApplicationId'),
  'AWS::AppConfig::Environment': made('Environment', 'EnvironmentId'),
  'AWS::AppConfig::ConfigurationProfile': made('ConfigurationProfile', 'ConfigurationProfileId'),
  'AWS::AppConfig::DeploymentStrategy': made('DeploymentStrategy', 'Id'),
  // A changed version or deployment is a new one: CloudFormation replaces them, and AppConfig keeps what was deployed.
  'AWS::AppConfig::HostedConfigurationVersion': {
    create: createVersion,
    update: (_made, given, at, resource) => createVersion(given, at, resource),
    remove: () => {},
  },
  'AWS::AppConfig::Deployment': {
    create: deploy,
    update: (_made, given, at, resource) => deploy(given, at, resource),
    remove: () => {},
  },
};

/** A type that its Create operation makes, and whose id is both Ref and an attribute. */
function made(kind: Kind, attribute: string): ResourceType<AppConfigState> {
  return {
    async create(given, at, resource): Promise<CreatedResource> {
      const { Tags, DeletionProtectionCheck, ...input } = parse(kind, given, resource) as Record<string, unknown>;
      const { Id, KmsKeyArn } = await call<{ Id: string; KmsKeyArn?: string }>(at, `Create${kind}`, input);
      return { ref: Id, attributes: { [attribute]: Id, ...(KmsKeyArn && { KmsKeyArn }) } };
    },
  };
}

async function createVersion(given: unknown, at: Here, resource: Resource): Promise<CreatedResource> {
  const properties = parse('HostedConfigurationVersion', given, resource);
  const Content = new TextEncoder().encode(properties.Content);
  const { VersionNumber } = await call<{ VersionNumber: number }>(at, 'CreateHostedConfigurationVersion', {
    ...properties,
    Content,
  });
  return { ref: String(VersionNumber), attributes: { VersionNumber: String(VersionNumber) } };
}

/** CloudFormation waits until a deployment is complete; here it is complete at once, as if that time had passed. */
async function deploy(given: unknown, at: Here, resource: Resource): Promise<CreatedResource> {
  const { Tags, ...input } = parse('Deployment', given, resource);
  for (const need of deploymentOperations.StartDeployment.needs(input, at)) at.kernel.authorize(at.principal, at, need);
  const length = lengthOf(strategyOf(at, input.DeploymentStrategyId));
  const { number } = await startDeployment(input, at, at.kernel.clock.now() - length);
  return { ref: String(number), attributes: { DeploymentNumber: String(number), State: 'COMPLETE' } };
}

function parse<K extends Kind>(kind: K, given: unknown, resource: Resource): z.infer<(typeof schemas)[K]> {
  return parseProperties(`AWS::AppConfig::${kind}`, schemas[kind] as z.ZodType<any>, given, resource);
}

const call = <T>(at: Here, operation: string, input: object): Promise<T> =>
  at.kernel.call(at.principal, at, 'appconfig', operation, input);
