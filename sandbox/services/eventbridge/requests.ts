import { AwsError, type Need } from '../../kernel/kernel.ts';
import { passRoleNeed } from '../iam/needs.ts';
import { pageOf } from '../requests.ts';
import { busNameOf, type EventBridgeAt, eventBridgeArn, eventRuleArn } from './state.ts';

type RuleInput = { EventBusName?: string | undefined; Name?: string | undefined; Rule?: string | undefined };

export const eventBridgeNeeds =
  <I extends object>(action: string, kind: string, nameOf: (input: I) => string | undefined) =>
  (input: I, at: EventBridgeAt): Need[] => [
    { action: `events:${action}`, resource: eventBridgeArn(at, `${kind}/${nameOf(input) ?? '*'}`) },
  ];

export const busNeeds = <I extends object>(action: string, nameOf: (input: I) => string | undefined) =>
  eventBridgeNeeds<I>(action, 'event-bus', (input) => busNameOf(nameOf(input)));

export const ruleNeeds =
  (action: string) =>
  (input: RuleInput, at: EventBridgeAt): Need[] => [
    {
      action: `events:${action}`,
      resource: eventRuleArn(at, busNameOf(input.EventBusName), input.Name ?? input.Rule ?? '*'),
    },
  ];

export const passRoleNeeds = (role: string | undefined): Need[] =>
  role === undefined ? [] : [passRoleNeed(role, 'events.amazonaws.com')];

export const eventBridgePage = <T>(
  items: readonly T[],
  input: { NextToken?: string | undefined; Limit?: number | undefined },
) =>
  pageOf(
    items,
    input.NextToken,
    input.Limit ?? 100,
    () => new AwsError('ValidationException', 'NextToken is not valid.'),
  );
