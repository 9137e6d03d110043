/** The outcome of every delivery. It stands beside the service's state, for displays and tests. */
import type { Kernel } from '../../kernel/kernel.ts';

export type Delivery = {
  readonly eventId: string;
  /** ARN of the rule. */
  readonly rule: string;
  /** ARN of the target. */
  readonly target: string;
  /** `dropped`: every attempt failed, and no dead-letter queue took the event. */
  readonly outcome: 'delivered' | 'retrying' | 'dead-lettered' | 'dropped';
  readonly error?: { readonly code: string; readonly message: string };
  /** ARN of the execution that a state machine started. */
  readonly result?: string;
};

/** An event that matched no rule of its bus, or that was put on a bus that does not exist. */
export type UnmatchedEvent = {
  readonly eventId: string;
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
};

type DeliveryLog = { readonly deliveries: Delivery[]; readonly unmatched: UnmatchedEvent[] };
const LOGS = new WeakMap<Kernel, DeliveryLog>();

/** Returns every attempt to deliver an event, in order. */
export const deliveries = (kernel: Kernel): readonly Delivery[] => logOf(kernel).deliveries;

/** Returns every event that matched no rule, in order. */
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
