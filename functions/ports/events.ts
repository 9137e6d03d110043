import type { SutureEvent } from '../domain/events.ts';

/** Publishes all events, or throws. Idempotent for subscribers: an event that is published again has the same `id`. */
export type Publish = (events: readonly SutureEvent[]) => Promise<void>;
