/** The outcome of every delivery, for displays and tests; not part of the service's state. */
import type { Kernel } from '../../kernel/kernel.ts';

export type Delivery = {
  readonly eventId: string;
  readonly rule: string;
  readonly target: string;
  /** `dropped`: every attempt failed, and no dead-letter queue took the event. */
  readonly outcome: 'delivered' | 'retrying' | 'dead-lettered' | 'dropped';
  readonly error?: { readonly code: string; readonly message: string };
  readonly result?: string;
};

export type UnmatchedEvent = {
  readonly eventId: string;
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
};

type DeliveryLog = { readonly deliveries: Delivery[]; readonly unmatched: UnmatchedEvent[] };
const LOGS = new WeakMap<Kernel, DeliveryLog>();

export const deliveries = (kernel: Kernel): readonly Delivery[] => logOf(kernel).deliveries;

export const unmatchedEvents = (kernel: Kernel): readonly UnmatchedEvent[] => logOf(kernel).unmatched;

export const recordDelivery = (kernel: Kernel, delivery: Delivery): void =>
  void logOf(kernel).deliveries.push(delivery);
export const recordUnmatched = (kernel: Kernel, event: UnmatchedEvent): void =>
  void logOf(kernel).unmatched.push(event);

function logOf(kernel: Kernel): DeliveryLog {
  const log = LOGS.get(kernel) ?? { deliveries: [], unmatched: [] };
  LOGS.set(kernel, log);
  return log;
}
