import type * as sdk from '@aws-sdk/client-eventbridge';
import { compilePattern } from '../../event-patterns/pattern.ts';
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { type BusEvent, eventTime } from './event.ts';
import { deliverToTargets } from './publish.ts';
import { eventBridgePage, passRoleNeeds, ruleNeeds } from './requests.ts';
import { parseSchedule } from './schedule-expression.ts';
import { repeatOnSchedule } from './schedule-timers.ts';
import {
  type EventBridgeAt,
  type EventBridgeOperations,
  type EventRule,
  eventRuleArn,
  existingBus,
  existingRule,
} from './state.ts';
import { eventBridgeTags } from './tags.ts';
import { checkTargetInput } from './target-input.ts';
import { checkTarget } from './targets.ts';

const MAX_RULES_PER_BUS = 300;
const MAX_TARGETS_PER_RULE = 5;

export const ruleOperations: EventBridgeOperations = {
  PutRule: {
    needs: (input, at) => [...ruleNeeds('PutRule')(input, at), ...passRoleNeeds(input.RoleArn)],
    run: putRule,
  },
  DescribeRule: {
    needs: ruleNeeds('DescribeRule'),
    run: (input, at) => ({
      ...describeRule(existingRule(at.state, input.EventBusName, input.Name)),
      CreatedBy: at.account,
    }),
  },
  DeleteRule: {
    needs: ruleNeeds('DeleteRule'),
    run: (input, at) => {
      deleteRule(at, input.EventBusName, input.Name);
      return {};
    },
  },
  EnableRule: { needs: ruleNeeds('EnableRule'), run: (input, at) => setRuleState(at, input, 'ENABLED') },
  DisableRule: { needs: ruleNeeds('DisableRule'), run: (input, at) => setRuleState(at, input, 'DISABLED') },
  ListRules: {
    run: (input, at) => {
      const rules = [...existingBus(at.state, input.EventBusName).rules.values()].filter((rule) =>
        rule.name.startsWith(input.NamePrefix ?? ''),
      );
      const page = eventBridgePage(rules, input);
      return { Rules: page.items.map(describeRule), NextToken: page.nextToken };
    },
  },
  PutTargets: {
    needs: (input, at) => [
      ...ruleNeeds('PutTargets')(input, at),
      ...(input.Targets ?? []).flatMap((target) => passRoleNeeds(target.RoleArn)),
    ],
    run: putTargets,
  },
  RemoveTargets: {
    needs: ruleNeeds('RemoveTargets'),
    run: (input, at) => {
      const rule = existingRule(at.state, input.EventBusName, input.Rule);
      for (const id of input.Ids ?? []) rule.targets.delete(id);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  },
  ListTargetsByRule: {
    needs: ruleNeeds('ListTargetsByRule'),
    run: (input, at) => {
      const page = eventBridgePage([...existingRule(at.state, input.EventBusName, input.Rule).targets.values()], input);
      return { Targets: page.items, NextToken: page.nextToken };
    },
  },
  ListRuleNamesByTarget: {
    run: (input, at) => {
      const rules = [...existingBus(at.state, input.EventBusName).rules.values()].filter((rule) =>
        [...rule.targets.values()].some((target) => target.Arn === input.TargetArn),
      );
      const page = eventBridgePage(rules, input);
      return { RuleNames: page.items.map((rule) => rule.name), NextToken: page.nextToken };
    },
  },
};

const RULE_MEMBERS = [
  'Name',
  'ScheduleExpression',
  'EventPattern',
  'State',
  'Description',
  'RoleArn',
  'EventBusName',
  'Tags',
] as const;

function putRule(input: sdk.PutRuleRequest, at: EventBridgeAt): { RuleArn: string } {
  onlyMembers('PutRule', input, RULE_MEMBERS);
  const bus = existingBus(at.state, input.EventBusName);
  const name = input.Name ?? '';
  if (!/^[\w.-]{1,64}$/.test(name))
    throw invalidRule(
      `Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
    );
  if (!input.EventPattern && !input.ScheduleExpression)
    throw invalidRule('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  if (input.EventPattern) compilePattern(input.EventPattern);
  if (input.ScheduleExpression) parseSchedule(input.ScheduleExpression);
  if (input.ScheduleExpression && bus.name !== 'default')
    throw invalidRule('ScheduleExpression is supported only on the default event bus.');
  if (!bus.rules.has(name) && bus.rules.size >= MAX_RULES_PER_BUS)
    throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
  const rule: EventRule = {
    name,
    arn: eventRuleArn(at, bus.name, name),
    bus: bus.name,
    description: input.Description,
    roleArn: input.RoleArn,
    pattern: input.EventPattern,
    schedule: input.ScheduleExpression,
    state: input.State ?? 'ENABLED',
    targets: bus.rules.get(name)?.targets ?? new Map(),
    // Tags of a request count for a new rule alone.
    tags: bus.rules.get(name)?.tags ?? eventBridgeTags(input.Tags),
  };
  bus.rules.set(name, rule);
  scheduleRule(at.kernel, at, rule);
  return { RuleArn: rule.arn };
}

function deleteRule(at: EventBridgeAt, bus: string | undefined, name: string | undefined): void {
  const rule = existingBus(at.state, bus).rules.get(name ?? '');
  if (!rule) return;
  if (rule.targets.size > 0) throw invalidRule("Rule can't be deleted since it has targets.");
  existingBus(at.state, bus).rules.delete(rule.name);
  repeatOnSchedule(at.kernel, rule.arn, undefined, () => {});
}

function setRuleState(
  at: EventBridgeAt,
  { EventBusName, Name }: sdk.EnableRuleRequest,
  state: EventRule['state'],
): Record<string, never> {
  const rule = { ...existingRule(at.state, EventBusName, Name), state };
  existingBus(at.state, EventBusName).rules.set(rule.name, rule);
  scheduleRule(at.kernel, at, rule);
  return {};
}

/** AWS reports a wrong target in FailedEntries; the sandbox fails the call. */
function putTargets(input: sdk.PutTargetsRequest, at: EventBridgeAt): sdk.PutTargetsResponse {
  const rule = existingRule(at.state, input.EventBusName, input.Rule);
  const targets = input.Targets ?? [];
  for (const target of targets) {
    checkTarget(target);
    checkTargetInput(target);
  }
  const ids = new Set([...rule.targets.keys(), ...targets.map((target) => target.Id)]);
  if (ids.size > MAX_TARGETS_PER_RULE)
    throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
  for (const target of targets) rule.targets.set(target.Id!, target);
  return { FailedEntryCount: 0, FailedEntries: [] };
}

const describeRule = (rule: EventRule): sdk.Rule => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.pattern,
  ScheduleExpression: rule.schedule,
  State: rule.state,
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: rule.bus,
});

function scheduleRule(kernel: Kernel, { partition, account, region }: AwsPlace, rule: EventRule): void {
  const schedule = rule.schedule && rule.state !== 'DISABLED' ? parseSchedule(rule.schedule) : undefined;
  repeatOnSchedule(kernel, rule.arn, schedule, () => {
    const event: BusEvent = {
      version: '0',
      id: kernel.uuid(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account,
      time: eventTime(kernel.clock.now()),
      region,
      resources: [rule.arn],
      detail: {},
    };
    deliverToTargets(kernel, { partition, account, region }, rule, event);
  });
}

const invalidRule = (message: string): AwsError => new AwsError('ValidationException', message);
