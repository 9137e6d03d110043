/** The state of every service in every place, and what it was before the last write: what a stale read sees. */
import type { AwsPlace, Service } from './kernel.ts';

export type States = {
  current(service: Service, place: AwsPlace): unknown;
  /** As `current`, but from before the last write, where one is remembered. */
  earlier(service: Service, place: AwsPlace): unknown;
  /** Keeps what is now, ahead of a write; does nothing unless stale reads are wanted. */
  remember(service: Service, place: AwsPlace): void;
  /** A copy of everything, by service and place. */
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
};

/** What all services know, by `<service> <partition> <account> <Region>`. */
export type Snapshot = ReadonlyMap<string, unknown>;

export function states(staleReads: boolean): States {
  const now = new Map<string, unknown>();
  const before = new Map<string, unknown>();

  function current(service: Service, place: AwsPlace): unknown {
    const key = keyOf(service, place);
    if (!now.has(key)) now.set(key, service.state(place));
    return now.get(key);
  }
  return {
    current,
    earlier: (service, place) => before.get(keyOf(service, place)) ?? current(service, place),
    remember(service, place) {
      if (staleReads) before.set(keyOf(service, place), structuredClone(current(service, place)));
    },
    snapshot: () => structuredClone(now),
    restore(snapshot) {
      before.clear();
      now.clear();
      for (const [key, state] of structuredClone(snapshot)) now.set(key, state);
    },
  };
}

function keyOf({ name, scope }: Service, { partition, account, region }: AwsPlace): string {
  if (scope === 'partition') return `${name} ${partition}`;
  return scope === 'account' ? `${name} ${partition} ${account}` : `${name} ${partition} ${account} ${region}`;
}
