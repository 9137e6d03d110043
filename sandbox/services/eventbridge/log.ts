/** What became of events: kept beside the service's state, for displays and tests. */
import type { Kernel } from '../../kernel/kernel.ts';

export type Delivery = {
  readonly eventId: string;
  /** ARN of the rule. */
  readonly rule: string;
  /** ARN of the target. */
  readonly target: string;
  /** `dropped`: failed for good, and no dead-letter queue took it. */
  readonly outcome: 'delivered' | 'retrying' | 'dead-lettered' | 'dropped';
  readonly error?: { readonly code: string; readonly message: string };
  /** ARN of the execution that a state machine started. */
  readonly result?: string;
};

/** An event that no rule of its bus let through, or that was put on a bus that does not exist. */
export type Unmatched = {
  readonly eventId: string;
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
};

type Log = { readonly deliveries: Delivery[]; readonly unmatched: Unmatched[] };
const logs = new WeakMap<Kernel, Log>();

/** Every attempt to deliver an event, in order. */
export const deliveries = (kernel: Kernel): readonly Delivery[] => logOf(kernel).deliveries;

/** Every event that went nowhere, in order. */
export const unmatchedEvents = (kernel: Kernel): readonly Unmatched[] => logOf(kernel).unmatched;

export const recordDelivery = (kernel: Kernel, delivery: Delivery): void =>
  void logOf(kernel).deliveries.push(delivery);
export const recordUnmatched = (kernel: Kernel, event: Unmatched): void => void logOf(kernel).unmatched.push(event);

function logOf(kernel: Kernel): Log {
  const log = logs.get(kernel) ?? { deliveries: [], unmatched: [] };
  logs.set(kernel, log);
  return log;
}
