import { references, type Scope } from './intrinsics.ts';
import type { Template } from './template.ts';

/**
 * The logical ids whose condition holds, each after those it refers to.
 * @throws ValidationError for a reference to nothing, and for resources that wait for each other
 */
export function resourceOrder(template: Template, scope: Scope): string[] {
  const resources = Object.entries(template.Resources);
  const included = resources.filter(([, { Condition }]) => !Condition || scope.condition(Condition));
  const known = new Set(included.map(([logicalId]) => logicalId));
  const dependencies = new Map(
    included.map(([logicalId, { Properties, DependsOn = [] }]) => {
      const referred = references(Properties, scope, [logicalId, 'Properties']).filter(
        (name) => !scope.isParameter(name),
      );
      const declared = [DependsOn].flat();
      // DependsOn may name a resource that its own condition leaves out; a reference may not.
      const missing = referred.filter((name) => !known.has(name));
      missing.push(...declared.filter((name) => !(name in template.Resources)));
      if (missing.length > 0) throw scope.error(unresolvedResources(missing), [logicalId]);
      return [logicalId, new Set([...referred, ...declared.filter((name) => known.has(name))])];
    }),
  );
  return inDependencyOrder(dependencies, (names) =>
    scope.error(`Circular dependency between resources: [${names.join(', ')}]`, []),
  );
}

/** AWS's message for a reference to what a template does not have. */
export const unresolvedResources = (names: readonly string[]) =>
  `Unresolved resource dependencies [${names.join(', ')}] in the Resources block of the template`;

/**
 * The names in an order in which each comes after everything it depends on, otherwise as they were.
 * `cycle` makes the error for names that wait for each other.
 */
export function inDependencyOrder(
  dependencies: ReadonlyMap<string, ReadonlySet<string>>,
  cycle: (names: readonly string[]) => Error,
): string[] {
  const done = new Set<string>();
  let waiting = [...dependencies.keys()];
  while (waiting.length > 0) {
    const before = done.size;
    for (const name of waiting) {
      if ([...dependencies.get(name)!].every((needed) => done.has(needed))) done.add(name);
    }
    if (done.size === before) throw cycle(waiting.filter((name) => reaches(name, name, dependencies)));
    waiting = waiting.filter((name) => !done.has(name));
  }
  return [...done];
}

function reaches(from: string, to: string, dependencies: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const seen = new Set<string>();
  const open = [...(dependencies.get(from) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true;
    if (!seen.has(name)) open.push(...(dependencies.get(name) ?? []));
    seen.add(name);
  }
  return false;
}
