import { referencedIds, type TemplateScope } from './intrinsics.ts';
import type { Template } from './template.ts';

/**
 * Returns the logical ids whose condition holds, each after its dependencies.
 * @throws AwsError ValidationError for a reference to an unknown name, and for a circular dependency
 */
export function resourceOrder(template: Template, scope: TemplateScope): string[] {
  const resources = Object.entries(template.Resources);
  const included = resources.filter(([, { Condition }]) => !Condition || scope.condition(Condition));
  const known = new Set(included.map(([logicalId]) => logicalId));
  const dependencies = new Map(
    included.map(([logicalId, { Properties, DependsOn = [] }]) => {
      const referred = referencedIds(Properties, scope, [logicalId, 'Properties']).filter(
        (name) => !scope.isParameter(name),
      );
      const declared = [DependsOn].flat();
      // DependsOn may name a resource whose condition is false; a reference may not.
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

export const unresolvedResources = (names: readonly string[]) =>
  `Unresolved resource dependencies [${names.join(', ')}] in the Resources block of the template`;

/**
 * Sorts each name after its dependencies; otherwise names keep their order.
 * @param cycle returns the error for names that depend on each other
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
  const visited = new Set<string>();
  const open = [...(dependencies.get(from) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true;
    if (!visited.has(name)) open.push(...(dependencies.get(name) ?? []));
    visited.add(name);
  }
  return false;
}
