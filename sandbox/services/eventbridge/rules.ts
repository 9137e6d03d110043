import type {
  DescribeRuleResponse,
  PutRuleRequest,
  PutTargetsRequest,
  PutTargetsResponse,
  Rule as RuleListed,
} from '@aws-sdk/client-eventbridge';
import { compilePattern } from '../../event-patterns/pattern.ts';
import { type At, AwsError, type AwsPlace, type Kernel, type Need } from '../../kernel/kernel.ts';
import { deliverToTargets } from './bus.ts';
import { type BusEvent, eventTime } from './event.ts';
import { parseSchedule } from './schedule.ts';
import { busIn, type EventBridgeState, type Rule, ruleArn, ruleIn } from './state.ts';
import { checkTarget } from './targets.ts';
import { repeat } from './timers.ts';
import { checkInput } from './transform.ts';

const maxRulesPerBus = 300;
const maxTargetsPerRule = 5;

/** What EventBridge passes to itself needs iam:PassRole. */
export const passRole = (role: string | undefined, service = 'events.amazonaws.com'): Need[] =>
  role === undefined ? [] : [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': service } }];

export function putRule(input: PutRuleRequest, at: At<EventBridgeState>): { RuleArn: string } {
  const bus = busIn(at.state, input.EventBusName);
  const name = input.Name ?? '';
  if (!/^[\w.-]{1,64}$/.test(name))
    throw invalid(
      `Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
    );
  if (!input.EventPattern && !input.ScheduleExpression)
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  if (input.EventPattern) compilePattern(input.EventPattern);
  if (input.ScheduleExpression) parseSchedule(input.ScheduleExpression);
  if (input.ScheduleExpression && bus.name !== 'default')
    throw invalid('ScheduleExpression is supported only on the default event bus.');
  if (!bus.rules.has(name) && bus.rules.size >= maxRulesPerBus)
    throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
  const rule: Rule = {
    name,
    arn: ruleArn(at, bus.name, name),
    bus: bus.name,
    description: input.Description,
    roleArn: input.RoleArn,
    pattern: input.EventPattern,
    schedule: input.ScheduleExpression,
    state: input.State ?? 'ENABLED',
    targets: bus.rules.get(name)?.targets ?? new Map(),
  };
  bus.rules.set(name, rule);
  keepTime(at.kernel, at, rule);
  return { RuleArn: rule.arn };
}

export function deleteRule(at: At<EventBridgeState>, bus: string | undefined, name: string | undefined): void {
  const rule = busIn(at.state, bus).rules.get(name ?? '');
  if (!rule) return;
  if (rule.targets.size > 0) throw invalid("Rule can't be deleted since it has targets.");
  busIn(at.state, bus).rules.delete(rule.name);
  repeat(at.kernel, rule.arn, undefined, () => {});
}

export function setState(
  at: At<EventBridgeState>,
  bus: string | undefined,
  name: string | undefined,
  state: Rule['state'],
): void {
  const rule = { ...ruleIn(at.state, bus, name), state };
  busIn(at.state, bus).rules.set(rule.name, rule);
  keepTime(at.kernel, at, rule);
}

/** Each target is taken by itself in AWS too, yet a wrong one fails the call. */
export function putTargets(input: PutTargetsRequest, at: At<EventBridgeState>): PutTargetsResponse {
  const rule = ruleIn(at.state, input.EventBusName, input.Rule);
  const targets = input.Targets ?? [];
  for (const target of targets) {
    checkTarget(target);
    checkInput(target);
  }
  const ids = new Set([...rule.targets.keys(), ...targets.map((target) => target.Id)]);
  if (ids.size > maxTargetsPerRule)
    throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
  for (const target of targets) rule.targets.set(target.Id!, target);
  return { FailedEntryCount: 0, FailedEntries: [] };
}

export const described = (rule: Rule, account: string): DescribeRuleResponse => ({
  ...listed(rule),
  CreatedBy: account,
});

export const listed = (rule: Rule): RuleListed => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.pattern,
  ScheduleExpression: rule.schedule,
  State: rule.state,
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: rule.bus,
});

/** Fires a scheduled rule while it is enabled. */
function keepTime(kernel: Kernel, { partition, account, region }: AwsPlace, rule: Rule): void {
  const schedule = rule.schedule && rule.state !== 'DISABLED' ? parseSchedule(rule.schedule) : undefined;
  repeat(kernel, rule.arn, schedule, () => {
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

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
