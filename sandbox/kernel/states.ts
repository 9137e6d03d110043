/** The state of every service in every place, and the state before its last write, which stale reads see. */
import { copyOf } from './copy.ts';
import type { AwsPlace } from './place.ts';
import { type StateKey, stateName } from './state-key.ts';

export type ServiceStates = {
  current(stateKey: StateKey, place: AwsPlace): unknown;
  /** While `work` runs, `current` returns the state before the last write, if one is remembered. */
  withEarlierStates<T>(work: () => T): T;
  /** Keeps the current state before a write; does nothing unless stale reads are on. */
  remember(stateKey: StateKey, place: AwsPlace): void;
  /** Returns the state of every service and place. Only those that were used since the last `restore` are copied. */
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
  /** Returns the state that a service begins with. `name` is its state's name in a snapshot; undefined if unknown. */
  unused(name: string): unknown;
};

/** The states of all services, by `<service> <partition> <account> <Region>`. Nobody changes them. */
export type Snapshot = ReadonlyMap<string, unknown>;

export function createServiceStates(staleReads: boolean): ServiceStates {
  /** States from the last `restore`. The first use of one copies it, so that only used states cost time. */
  let restored: Snapshot = new Map();
  const used = new Map<string, unknown>();
  const previous = new Map<string, unknown>();
  let returnsEarlier = false;
  const empty = new Map<string, () => unknown>();

  function current(stateKey: StateKey, place: AwsPlace): unknown {
    const name = stateName(stateKey, place);
    if (returnsEarlier && previous.has(name)) return previous.get(name);
    const known = used.get(name);
    if (known !== undefined || used.has(name)) return known;
    empty.set(name, () => stateKey.state(place));
    const state = restored.has(name) ? copyOf(restored.get(name)) : stateKey.state(place);
    used.set(name, state);
    return state;
  }
  return {
    current,
    withEarlierStates(work) {
      returnsEarlier = true;
      try {
        return work();
      } finally {
        returnsEarlier = false;
      }
    },
    remember(stateKey, place) {
      if (staleReads) previous.set(stateName(stateKey, place), copyOf(current(stateKey, place)));
    },
    snapshot: () => new Map([...restored, ...[...used].map(([name, state]) => [name, copyOf(state)] as const)]),
    restore(snapshot) {
      previous.clear();
      used.clear();
      restored = snapshot;
    },
    unused: (name) => empty.get(name)?.(),
  };
}
