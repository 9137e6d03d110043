/** The state of every service in every place, and the state before its last write, which stale reads see. */
import type { AwsPlace } from './place.ts';
import type { StateKey } from './state-key.ts';

export type ServiceStates = {
  current(stateKey: StateKey, place: AwsPlace): unknown;
  /** Returns the state before the last write, if one is remembered, else the current one. */
  earlier(stateKey: StateKey, place: AwsPlace): unknown;
  /** Keeps the current state before a write; does nothing unless stale reads are on. */
  remember(stateKey: StateKey, place: AwsPlace): void;
  /** Returns a copy of every state, by service and place. */
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
};

/** The states of all services, by `<service> <partition> <account> <Region>`. */
export type Snapshot = ReadonlyMap<string, unknown>;

export function createServiceStates(staleReads: boolean): ServiceStates {
  const latest = new Map<string, unknown>();
  const previous = new Map<string, unknown>();

  function current(stateKey: StateKey, place: AwsPlace): unknown {
    const key = keyOf(stateKey, place);
    if (!latest.has(key)) latest.set(key, stateKey.state(place));
    return latest.get(key);
  }
  return {
    current,
    earlier: (stateKey, place) => previous.get(keyOf(stateKey, place)) ?? current(stateKey, place),
    remember(stateKey, place) {
      if (staleReads) previous.set(keyOf(stateKey, place), structuredClone(current(stateKey, place)));
    },
    snapshot: () => structuredClone(latest),
    restore(snapshot) {
      previous.clear();
      latest.clear();
      for (const [key, state] of structuredClone(snapshot)) latest.set(key, state);
    },
  };
}

function keyOf({ name, scope }: StateKey, { partition, account, region }: AwsPlace): string {
  if (scope === 'partition') return `${name} ${partition}`;
  return scope === 'account' ? `${name} ${partition} ${account}` : `${name} ${partition} ${account} ${region}`;
}
