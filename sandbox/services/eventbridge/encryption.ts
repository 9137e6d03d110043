/**
 * EventBridge uses a bus's customer managed key as itself, if the key's policy allows it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmk.html
 */
import { AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/needs.ts';
import type { EventArchive, EventBus } from './state.ts';

/** @throws AwsError unless EventBridge may describe the key of a new bus */
export const authorizeBusKey = (kernel: Kernel, place: AwsPlace, bus: EventBus): void =>
  authorizeKey(kernel, place, bus, ['kms:DescribeKey']);

/** @throws AwsError unless EventBridge may encrypt and decrypt events of this bus */
export const authorizeEventKey = (kernel: Kernel, place: AwsPlace, bus: EventBus): void =>
  authorizeKey(kernel, place, bus, ['kms:GenerateDataKey', 'kms:Decrypt']);

/**
 * Checks that EventBridge may use the key of a new archive. Its calls have the context of the bus, and no source.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-archives.html
 */
export const authorizeArchiveKey = (kernel: Kernel, place: AwsPlace, archive: KeyedArchive): void =>
  authorizeKey(kernel, place, ofArchive(archive), ['kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Decrypt']);

/** Returns whether EventBridge may encrypt the events of an archive, or decrypt them for a replay. */
export function mayUseArchiveKey(
  kernel: Kernel,
  place: AwsPlace,
  archive: KeyedArchive,
  action: 'kms:GenerateDataKey' | 'kms:Decrypt',
): boolean {
  try {
    authorizeKey(kernel, place, ofArchive(archive), [action]);
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}

type KeyedArchive = Pick<EventArchive, 'source' | 'kmsKey'>;
const ofArchive = ({ source, kmsKey }: KeyedArchive): KeyUse => ({ arn: source, kmsKey, hasNoSource: true });

type KeyUse = Pick<EventBus, 'arn' | 'kmsKey'> & { readonly hasNoSource?: true };

function authorizeKey(
  kernel: Kernel,
  place: AwsPlace,
  { arn, kmsKey, hasNoSource }: KeyUse,
  actions: readonly string[],
): void {
  const eventBridge: Principal = {
    kind: 'service',
    service: 'events.amazonaws.com',
    account: place.account,
    ...(!hasNoSource && { source: arn }),
  };
  const service = `events.${place.region}.amazonaws.com`;
  for (const need of keyNeeds(kernel, place, kmsKey, actions, service, { 'aws:events:event-bus:arn': arn }))
    kernel.authorize(eventBridge, place, need);
}
