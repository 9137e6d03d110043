/** The scheduled deletion of a key: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html */
import type { KeyMetadata, KeyState } from '@aws-sdk/client-kms';

const DAY_MS = 86_400_000;
/** The days that KMS takes for PendingWindowInDays. */
const [MIN_DAYS, MAX_DAYS] = [7, 30];

/** A primary key waits for its replicas to be deleted before its own days begin. */
const PENDING: readonly (KeyState | undefined)[] = ['PendingDeletion', 'PendingReplicaDeletion'];

export const isPending = (state: KeyState | undefined): boolean => PENDING.includes(state);

/** Returns the days with which ScheduleKeyDeletion restores the deletion; null if none is scheduled. */
export function waitingDays(key: KeyMetadata, now: Date): number | null {
  if (!isPending(key.KeyState)) return null;
  const left = ((key.DeletionDate?.getTime() ?? 0) - now.getTime()) / DAY_MS;
  return Math.min(Math.max(key.PendingDeletionWindowInDays ?? Math.round(left), MIN_DAYS), MAX_DAYS);
}
