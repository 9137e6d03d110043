/**
 * The law that read shows everything that a fix changes, because rollback cannot restore what read does not show. The
 * law takes back each change alone in the world after the fix, and read must return another state.
 */
import { isDeepStrictEqual } from 'node:util';
import { canonical } from '../../functions/contract/is-equal.ts';
import { stateDifferences } from '../../sandbox/kernel/comparison.ts';
import { copyOf } from '../../sandbox/kernel/copy.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { mustBeNone, mustEndAsExpected } from './expectations.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import { type UndisturbedRun, undisturbedRun } from './undisturbed.ts';
import { comparableOf, serviceOf, type WorldDifference, worldDifferences } from './world.ts';

export async function showsAllChanges(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  if (arranged.scenario.expected !== 'FIXED') return;
  const whole = await undisturbedRun(proof, arranged);
  mustEndAsExpected(arranged, whole.result);
  const read = (end: UndisturbedRun) => proof.goOn(arranged, end).state().then(canonical);
  const after = await read(whole);
  const hidden: WorldDifference[] = [];
  for (const { worldWithout, differences } of changesTakenBack(proof, arranged, whole)) {
    // Read may fail, because no sequence of calls leads to this state.
    const seen = await read({ ...whole, world: worldWithout }).catch(() => undefined);
    if (seen === after) hidden.push(...differences);
  }
  mustBeNone(hidden, 'the fix changes what read does not show (before → after):');
}

type ChangeTakenBack = {
  readonly worldWithout: UndisturbedRun['world'];
  readonly differences: readonly WorldDifference[];
};

/**
 * Yields the world after the fix once for each change, without that change. Leaves out changes that AWS generates, and
 * those that it had begun before.
 */
function* changesTakenBack(
  { sandbox }: ProofSandbox,
  arranged: ArrangedScenario,
  { world }: UndisturbedRun,
): Generator<ChangeTakenBack> {
  const changed = new Set(worldDifferences(sandbox, arranged.world, world).map(({ state }) => state));
  for (const name of changed) {
    const service = serviceOf(sandbox, name);
    const [before, after] = [arranged.world.get(name) ?? sandbox.unusedState(name), world.get(name)].map((state) =>
      service?.settled ? service.settled(state) : state,
    );
    for (const path of changedPaths(before, after)) {
      const state = copyOf(after);
      setMember(state, path, copyOf(memberAt(before, path)));
      const worldWithout = new Map([...world, [name, state]]);
      const isReal = stateDifferences(comparableOf(service, state), comparableOf(service, after)).some(
        ({ isGenerated }) => !isGenerated,
      );
      if (isReal) yield { worldWithout, differences: worldDifferences(sandbox, worldWithout, world) };
    }
  }
}

type MemberPath = readonly unknown[];

/** Returns the paths of members that differ, down to values that are neither maps nor plain objects. */
function changedPaths(from: unknown, to: unknown, path: MemberPath = []): MemberPath[] {
  const [fromNames, toNames] = [namesIn(from), namesIn(to)];
  if (!fromNames || !toNames) return isDeepStrictEqual(from, to) ? [] : [path];
  return [...new Set([...fromNames, ...toNames])].flatMap((name) =>
    changedPaths(memberAt(from, [name]), memberAt(to, [name]), [...path, name]),
  );
}

/** Returns the names of the members of a map or plain object; undefined for other values. */
function namesIn(value: unknown): unknown[] | undefined {
  if (value instanceof Map) return [...value.keys()];
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getPrototypeOf(value) === Object.prototype ? Object.keys(value) : undefined;
}

const memberAt = (value: unknown, path: MemberPath): unknown =>
  path.reduce<any>((inner, name) => (inner instanceof Map ? inner.get(name) : inner?.[name as string]), value);

function setMember(state: unknown, path: MemberPath, value: unknown): void {
  const parent: any = memberAt(state, path.slice(0, -1));
  const name = path.at(-1);
  if (parent instanceof Map) value === undefined ? parent.delete(name) : parent.set(name, value);
  else if (value === undefined) delete parent[name as string];
  else parent[name as string] = value;
}
