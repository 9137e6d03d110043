/** The whole world: the states of all services in all accounts and Regions, and how two of them differ. */
import type { Sandbox } from '../../sandbox/create-sandbox.ts';
import { type RecordPath, type StateDifference, stateDifferences } from '../../sandbox/kernel/comparison.ts';
import type { Service } from '../../sandbox/kernel/kernel.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';

/** A difference in one state. `state` is its name in a snapshot. */
export type WorldDifference = StateDifference & { readonly state: string; readonly where: string };

/** More lines than this are cut off: they would hide what matters. */
const MAX_LINES = 12;

/**
 * Returns every difference of two worlds. A state that one of them lacks is compared with that of a service that was
 * never used. States that both share are not visited.
 */
export function worldDifferences(sandbox: Sandbox, from: Snapshot, to: Snapshot): WorldDifference[] {
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((name) => {
    const [before, after] = [from.get(name), to.get(name)];
    if (before === after) return [];
    const service = serviceOf(sandbox, name);
    const states = [before ?? sandbox.unusedState(name), after ?? sandbox.unusedState(name)];
    const [comparableBefore, comparableAfter] = states.map((state) => comparableOf(service, state));
    return stateDifferences(comparableBefore, comparableAfter).map((difference) => ({
      ...difference,
      state: name,
      where: whereText(name, difference.path, [comparableBefore, comparableAfter]),
    }));
  });
}

/** The comparable form of a state is computed once: nobody changes the states of a snapshot. */
const COMPARABLES = new WeakMap<object, unknown>();

export function comparableOf(service: Service | undefined, state: unknown): unknown {
  if (typeof state !== 'object' || state === null || !service?.comparable) return state;
  const known = COMPARABLES.get(state);
  if (known !== undefined) return known;
  const comparable = service.comparable(state);
  COMPARABLES.set(state, comparable);
  return comparable;
}

/** Returns the service of a state, unless only its state is loaded. */
export const serviceOf = ({ kernel }: Sandbox, stateName: string): Service | undefined =>
  kernel.services!.find(({ name }) => name === stateName.slice(0, stateName.indexOf(' ')));

/** Returns for example `kms 333333333333 us-east-1`. A state of all accounts has account and Region in its records. */
function whereText(stateName: string, path: RecordPath, states: readonly unknown[]): string {
  const [service, , account, region] = stateName.split(' ');
  if (account) return [service, account, region].filter(Boolean).join(' ');
  const record: any = states.map((state) => recordAt(state, path.slice(0, 2))).find((each) => each !== undefined);
  return [service, record?.account, record?.region ?? record?.homeRegion].filter(isText).join(' ');
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

function recordAt(state: unknown, path: RecordPath): unknown {
  return path.reduce<unknown>(
    (value, name) => (value instanceof Map ? value.get(name) : (value as Record<string, unknown> | undefined)?.[name]),
    state,
  );
}

/** Returns for example `kms 333333333333 us-east-1: keys.1234abcd.tags.owner: absent → "suture"`. */
export const differenceText = ({ where, path, from, to }: WorldDifference): string =>
  `${where}: ${path.join('.')}: ${valueText(from)} → ${valueText(to)}`;

export function differenceLines(differences: readonly WorldDifference[]): string[] {
  const lines = differences.map(differenceText);
  const more = lines.length - MAX_LINES;
  return more > 0 ? [...lines.slice(0, MAX_LINES), `and ${more} more`] : lines;
}

export function valueText(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value, (_, member) => plain(member));
  return text.length <= 160 ? text : `${text.slice(0, 157)}...`;
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  return value instanceof Uint8Array ? `${value.length} bytes` : value;
}
