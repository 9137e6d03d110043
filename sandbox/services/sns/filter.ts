import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { compileFilter, documentIn } from './attributes.ts';
import type { Subscription } from './state.ts';

type Message = { readonly body: string; readonly attributes: Readonly<Record<string, MessageAttributeValue>> };

/**
 * Whether a subscription wants a message: by its attributes, or where the filter's scope says so, by its body.
 * Source: "Amazon SNS subscription filter policies", SNS developer guide.
 */
export function wants(subscription: Subscription, message: Message): boolean {
  const { FilterPolicy, FilterPolicyScope } = subscription.attributes;
  if (!FilterPolicy || FilterPolicy === '{}') return true;
  const matches = compileFilter(FilterPolicy);
  if (FilterPolicyScope !== 'MessageBody') return matches(attributesAsEvent(message.attributes));
  const body = documentIn(message.body);
  return body !== undefined && matches(body);
}

const attributesAsEvent = (attributes: Message['attributes']): object =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plainValue(value)]));

function plainValue({ DataType, StringValue }: MessageAttributeValue): unknown {
  if (DataType === 'Number') return Number(StringValue);
  if (DataType === 'String.Array') return documentIn(StringValue ?? '') ?? StringValue;
  return StringValue;
}
