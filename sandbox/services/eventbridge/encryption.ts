/**
 * EventBridge uses a bus's customer managed key as itself, if the key's policy allows it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmk.html
 */
import type { AwsPlace, Kernel, Principal } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/needs.ts';
import type { EventBus } from './state.ts';

/** EventBridge must be allowed to describe the key of a new bus. */
export const authorizeBusKey = (kernel: Kernel, place: AwsPlace, bus: EventBus): void =>
  authorizeKey(kernel, place, bus, ['kms:DescribeKey']);

/** EventBridge must be allowed to encrypt and decrypt events of this bus. */
export const authorizeEventKey = (kernel: Kernel, place: AwsPlace, bus: EventBus): void =>
  authorizeKey(kernel, place, bus, ['kms:GenerateDataKey', 'kms:Decrypt']);

function authorizeKey(kernel: Kernel, place: AwsPlace, { arn, kmsKey }: EventBus, actions: readonly string[]): void {
  const eventBridge: Principal = {
    kind: 'service',
    service: 'events.amazonaws.com',
    account: place.account,
    source: arn,
  };
  const service = `events.${place.region}.amazonaws.com`;
  for (const need of keyNeeds(kernel, place, kmsKey, actions, service, { 'aws:events:event-bus:arn': arn }))
    kernel.authorize(eventBridge, place, need);
}
