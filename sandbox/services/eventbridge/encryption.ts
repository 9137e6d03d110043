/**
 * A bus with a key of the customer's: EventBridge itself uses it, as the key's policy lets it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmk.html
 */
import type { AwsPlace, Kernel, Principal } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/index.ts';
import type { Bus } from './state.ts';

/** @throws AwsError where the key's policy does not let EventBridge look at it, as when the bus is made */
export const validateKey = (kernel: Kernel, place: AwsPlace, bus: Bus): void =>
  use(kernel, place, bus, ['kms:DescribeKey']);

/** @throws AwsError where it does not let EventBridge encrypt and decrypt events of this bus */
export const encryptEvent = (kernel: Kernel, place: AwsPlace, bus: Bus): void =>
  use(kernel, place, bus, ['kms:GenerateDataKey', 'kms:Decrypt']);

function use(kernel: Kernel, place: AwsPlace, { arn, kmsKey }: Bus, actions: readonly string[]): void {
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
