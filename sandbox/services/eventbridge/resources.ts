import * as z from 'zod';
import type { At, CreatedResource, ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { apiDestinationResources } from './api-destination-resources.ts';
import { putStatement } from './bus-policy.ts';
import { type EventBridgeState, eventBridgeArn, existingBus } from './state.ts';

const documentSchema = z.record(z.string(), z.unknown());
const integer = z.coerce.number().int();

const targetProperties = z.strictObject({
  Id: z.string(),
  Arn: z.string(),
  RoleArn: z.string().optional(),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .strictObject({ InputTemplate: z.string(), InputPathsMap: z.record(z.string(), z.string()).optional() })
    .optional(),
  RetryPolicy: z
    .strictObject({ MaximumEventAgeInSeconds: integer.optional(), MaximumRetryAttempts: integer.optional() })
    .optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  SqsParameters: z.strictObject({ MessageGroupId: z.string() }).optional(),
  HttpParameters: z
    .strictObject({
      PathParameterValues: z.array(z.string()).optional(),
      HeaderParameters: z.record(z.string(), z.string()).optional(),
      QueryStringParameters: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
});
const ruleProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  EventBusName: z.string().optional(),
  EventPattern: z.union([documentSchema, z.string()]).optional(),
  ScheduleExpression: z.string().optional(),
  State: z.enum(['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS']).optional(),
  RoleArn: z.string().optional(),
  Targets: z.array(targetProperties).optional(),
  Tags: tagsSchema.optional(),
});
const busProperties = z.strictObject({
  Name: z.string(),
  Description: z.string().optional(),
  KmsKeyIdentifier: z.string().optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  Policy: z.union([documentSchema, z.string()]).optional(),
  Tags: tagsSchema.optional(),
});
const busPolicyProperties = z.strictObject({
  EventBusName: z.string().optional(),
  StatementId: z.string(),
  Statement: documentSchema.optional(),
  Action: z.string().optional(),
  Principal: z.string().optional(),
  Condition: z.strictObject({ Type: z.string(), Key: z.string(), Value: z.string() }).optional(),
});
const archiveProperties = z.strictObject({
  ArchiveName: z.string().optional(),
  Description: z.string().optional(),
  EventPattern: z.union([documentSchema, z.string()]).optional(),
  KmsKeyIdentifier: z.string().optional(),
  RetentionDays: integer.optional(),
  SourceArn: z.string(),
});

export const eventbridgeResources: Record<string, ResourceType<EventBridgeState>> = {
  ...apiDestinationResources,
  'AWS::Events::Rule': {
    create: (properties, at, resource) => {
      const rule = parseProperties('AWS::Events::Rule', ruleProperties, properties, resource);
      return putRule(at, rule.Name ?? physicalName(at.kernel, resource, '', 64), rule);
    },
    update: async (existing, properties, at, resource) => {
      const rule = parseProperties('AWS::Events::Rule', ruleProperties, properties, resource);
      const name = ruleNameOf(existing);
      const ids = [...existingBus(at.state, rule.EventBusName).rules.get(name)!.targets.keys()];
      const removedIds = ids.filter((id) => !rule.Targets?.some((target) => target.Id === id));
      if (removedIds.length > 0)
        await call(at, 'RemoveTargets', { Rule: name, EventBusName: rule.EventBusName, Ids: removedIds });
      return putRule(at, name, rule);
    },
    remove: async (existing, at) => {
      const EventBusName = existing.ref.includes('|') ? existing.ref.split('|')[0] : undefined;
      const name = ruleNameOf(existing);
      const Ids = [...(existingBus(at.state, EventBusName).rules.get(name)?.targets.keys() ?? [])];
      if (Ids.length > 0) await call(at, 'RemoveTargets', { Rule: name, EventBusName, Ids });
      await call(at, 'DeleteRule', { Name: name, EventBusName });
    },
  },
  'AWS::Events::EventBus': {
    create: async (properties, at, resource) => {
      const { Policy, ...bus } = parseProperties('AWS::Events::EventBus', busProperties, properties, resource);
      await call(at, 'CreateEventBus', bus);
      if (Policy) await call(at, 'PutPermission', { EventBusName: bus.Name, Policy: asText(Policy) });
      const Arn = eventBridgeArn(at, `event-bus/${bus.Name}`);
      return { ref: bus.Name, attributes: { Arn, Name: bus.Name, Policy } };
    },
    remove: async (existing, at) => {
      await call(at, 'DeleteEventBus', { Name: existing.ref });
    },
  },
  'AWS::Events::EventBusPolicy': {
    create: async (properties, at, resource) => {
      const { EventBusName, StatementId, Statement, ...parts } = parseProperties(
        'AWS::Events::EventBusPolicy',
        busPolicyProperties,
        properties,
        resource,
      );
      if (!Statement) {
        await call(at, 'PutPermission', { EventBusName, StatementId, ...parts });
      } else {
        const bus = existingBus(at.state, EventBusName);
        at.kernel.authorize(at.principal, at, { action: 'events:PutPermission', resource: bus.arn }, 'eventbridge');
        putStatement(bus, { Resource: bus.arn, ...(Statement as object), Sid: StatementId } as Parameters<
          typeof putStatement
        >[1]);
      }
      return { ref: physicalName(at.kernel, resource) };
    },
    remove: async (_existing, at, _resource, { EventBusName, StatementId }) => {
      await call(at, 'RemovePermission', { EventBusName, StatementId });
    },
  },
  'AWS::Events::Archive': {
    create: async (properties, at, resource) => {
      const { ArchiveName, SourceArn, EventPattern, KmsKeyIdentifier, ...archive } = parseProperties(
        'AWS::Events::Archive',
        archiveProperties,
        properties,
        resource,
      );
      const name = ArchiveName ?? physicalName(at.kernel, resource, '', 48);
      await call(at, 'CreateArchive', {
        ...archive,
        ArchiveName: name,
        EventSourceArn: SourceArn,
        KmsKeyIdentifier,
        EventPattern: EventPattern && asText(EventPattern),
      });
      return { ref: name, attributes: { ArchiveName: name, Arn: eventBridgeArn(at, `archive/${name}`) } };
    },
    remove: async (existing, at) => {
      await call(at, 'DeleteArchive', { ArchiveName: existing.ref });
    },
  },
};

async function putRule(
  at: At<EventBridgeState>,
  name: string,
  rule: z.infer<typeof ruleProperties>,
): Promise<CreatedResource> {
  const { Targets, EventPattern, EventBusName, ...rest } = rule;
  const { RuleArn } = await call<{ RuleArn: string }>(at, 'PutRule', {
    ...rest,
    Name: name,
    EventBusName,
    EventPattern: EventPattern && asText(EventPattern),
  });
  if (Targets?.length) await call(at, 'PutTargets', { Rule: name, EventBusName, Targets });
  const bus = existingBus(at.state, EventBusName).name;
  return { ref: bus === 'default' ? name : `${bus}|${name}`, attributes: { Arn: RuleArn } };
}

const call = <O>(at: At<EventBridgeState>, operation: string, input: object): Promise<O> =>
  at.kernel.call<object, O>(at.principal, at, 'eventbridge', operation, input);

const asText = (value: object | string): string => (typeof value === 'string' ? value : JSON.stringify(value));
const ruleNameOf = (existing: CreatedResource): string => existing.ref.split('|').at(-1)!;
