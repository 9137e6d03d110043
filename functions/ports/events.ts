import type { SutureEvent } from '../domain/events.ts';

/**
 * Publishes all events, or throws. Subscribers can recognize duplicates: an event that is published again has the same
 * `id`.
 */
export type Publish = (events: readonly SutureEvent[]) => Promise<void>;
