import * as z from 'zod';
import type { CreatedResource, ResourceName, ResourceType } from '../../kernel/kernel.ts';
import { flag, parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { publishVersion, putAlias } from './machines.ts';
import { machineIn, parseMachineArn, type SfnAt, type SfnState } from './state.ts';

const MACHINE = 'AWS::StepFunctions::StateMachine';
const VERSION = 'AWS::StepFunctions::StateMachineVersion';
const ALIAS = 'AWS::StepFunctions::StateMachineAlias';

const machineProperties = z.strictObject({
  StateMachineName: z.string().optional(),
  StateMachineType: z.literal('STANDARD').optional(),
  DefinitionString: z.string().optional(),
  Definition: z.record(z.string(), z.unknown()).optional(),
  DefinitionSubstitutions: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  RoleArn: z.string(),
  LoggingConfiguration: z
    .strictObject({
      Level: z.enum(['ALL', 'ERROR', 'FATAL', 'OFF']).optional(),
      IncludeExecutionData: flag.optional(),
      Destinations: z
        .array(z.strictObject({ CloudWatchLogsLogGroup: z.strictObject({ LogGroupArn: z.string() }) }))
        .optional(),
    })
    .optional(),
  TracingConfiguration: z.strictObject({ Enabled: flag.optional() }).optional(),
  EncryptionConfiguration: z
    .strictObject({
      Type: z.enum(['AWS_OWNED_KEY', 'CUSTOMER_MANAGED_KMS_KEY']),
      KmsKeyId: z.string().optional(),
      KmsDataKeyReusePeriodSeconds: z.coerce.number().int().min(60).max(900).optional(),
    })
    .optional(),
  Tags: tagsSchema.optional(),
});

const versionProperties = z.strictObject({
  StateMachineArn: z.string(),
  StateMachineRevisionId: z.string().optional(),
  Description: z.string().optional(),
});

const route = z.strictObject({ StateMachineVersionArn: z.string(), Weight: z.coerce.number().int() });
const aliasProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  StateMachineArn: z.string().optional(),
  RoutingConfiguration: z.array(route).optional(),
  /** The sandbox models ALL_AT_ONCE only. */
  DeploymentPreference: z
    .strictObject({ StateMachineVersionArn: z.string(), Type: z.literal('ALL_AT_ONCE') })
    .optional(),
});

export const sfnResources: Record<string, ResourceType<SfnState>> = {
  [MACHINE]: {
    create: async (properties, at, resource) => {
      const parsed = parseProperties(MACHINE, machineProperties, properties, resource);
      const name = parsed.StateMachineName ?? physicalName(at.kernel, resource);
      const { stateMachineArn } = await at.kernel.call<object, { stateMachineArn: string }>(
        at.principal,
        at,
        'sfn',
        'CreateStateMachine',
        { name, ...inputOf(parsed), tags: parsed.Tags?.map(({ Key, Value }) => ({ key: Key, value: Value })) },
      );
      return machineResult(at, stateMachineArn);
    },
    update: async (existing, properties, at, resource) => {
      const parsed = parseProperties(MACHINE, machineProperties, properties, resource);
      const input = { stateMachineArn: existing.ref, ...inputOf(parsed) };
      await at.kernel.call(at.principal, at, 'sfn', 'UpdateStateMachine', input);
      return machineResult(at, existing.ref);
    },
    remove: async (existing, at) => {
      await at.kernel.call(at.principal, at, 'sfn', 'DeleteStateMachine', { stateMachineArn: existing.ref });
    },
  },
  [VERSION]: {
    create: (properties, at, resource) => {
      const { StateMachineArn, Description } = parseProperties(VERSION, versionProperties, properties, resource);
      const ref = publishVersion(at, machineIn(at.state, StateMachineArn), Description);
      return { ref, attributes: { Arn: ref } };
    },
  },
  [ALIAS]: {
    create: (properties, at, resource) => createOrUpdateAlias(properties, at, resource),
    update: (existing, properties, at, resource) => createOrUpdateAlias(properties, at, resource, existing.ref),
  },
};

function createOrUpdateAlias(
  properties: unknown,
  at: SfnAt,
  resource: ResourceName,
  existingArn?: string,
): CreatedResource {
  const { Name, ...alias } = parseProperties(ALIAS, aliasProperties, properties, resource);
  const preferred = alias.DeploymentPreference?.StateMachineVersionArn;
  const routing = preferred ? [{ StateMachineVersionArn: preferred, Weight: 100 }] : (alias.RoutingConfiguration ?? []);
  const version = routing[0]?.StateMachineVersionArn ?? '';
  const arn = existingArn ?? `${parseMachineArn(version).machine}:${Name ?? physicalName(at.kernel, resource)}`;
  const routes = routing.map(({ StateMachineVersionArn, Weight }) => ({
    stateMachineVersionArn: StateMachineVersionArn,
    weight: Weight,
  }));
  putAlias(at, arn, routes);
  return { ref: arn, attributes: { Arn: arn } };
}

type MachineProperties = z.infer<typeof machineProperties>;

function inputOf(properties: MachineProperties) {
  const { LoggingConfiguration: logging, EncryptionConfiguration: encryption } = properties;
  return {
    definition: definitionOf(properties),
    roleArn: properties.RoleArn,
    loggingConfiguration: logging && {
      level: logging.Level,
      includeExecutionData: logging.IncludeExecutionData,
      destinations: logging.Destinations?.map(({ CloudWatchLogsLogGroup }) => ({
        cloudWatchLogsLogGroup: { logGroupArn: CloudWatchLogsLogGroup.LogGroupArn },
      })),
    },
    tracingConfiguration: properties.TracingConfiguration && {
      enabled: properties.TracingConfiguration.Enabled ?? false,
    },
    encryptionConfiguration: encryption && {
      type: encryption.Type,
      kmsKeyId: encryption.KmsKeyId,
      kmsDataKeyReusePeriodSeconds: encryption.KmsDataKeyReusePeriodSeconds,
    },
  };
}

function definitionOf({ DefinitionString, Definition, DefinitionSubstitutions = {} }: MachineProperties): string {
  const text = DefinitionString ?? JSON.stringify(Definition);
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => String(DefinitionSubstitutions[name] ?? whole));
}

function machineResult(at: SfnAt, arn: string): CreatedResource {
  const { name, revisionId } = machineIn(at.state, arn);
  return { ref: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: revisionId ?? 'INITIAL' } };
}
