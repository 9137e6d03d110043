import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { compileFilterPolicy, parseJsonObject } from './attributes.ts';
import type { Subscription } from './state.ts';

type FilterableMessage = {
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
};

/**
 * Returns whether the filter policy matches the message's attributes or, if the scope is MessageBody, its body.
 * Source: "Amazon SNS subscription filter policies", SNS developer guide.
 */
export function matchesFilter(subscription: Subscription, message: FilterableMessage): boolean {
  const { FilterPolicy, FilterPolicyScope } = subscription.attributes;
  if (!FilterPolicy || FilterPolicy === '{}') return true;
  const matches = compileFilterPolicy(FilterPolicy);
  if (FilterPolicyScope !== 'MessageBody') return matches(attributesAsEvent(message.attributes));
  const body = parseJsonObject(message.body);
  return body !== undefined && matches(body);
}

const attributesAsEvent = (attributes: FilterableMessage['attributes']): object =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plainValue(value)]));

function plainValue({ DataType, StringValue }: MessageAttributeValue): unknown {
  if (DataType === 'Number') return Number(StringValue);
  if (DataType === 'String.Array') return parseJsonObject(StringValue ?? '') ?? StringValue;
  return StringValue;
}
