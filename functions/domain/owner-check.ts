/** Problems of the policy's owners that their form alone does not show. Pure. */
import { Owner, Owners, OwnerTags, placesOf } from './owner-policy.ts';
import type { PolicyPath, PolicyProblem } from './policy-shape.ts';

const OWNED = ['accounts', 'ous', 'tags'] as const;
const MAX_PLACES = 20;

/** Finds owners without a place, and what belongs to two of them. Skips parts whose form is wrong. */
export function ownerProblems(document: unknown): PolicyProblem[] {
  const { owners, ownerTags } = (document ?? {}) as { readonly owners?: unknown; readonly ownerTags?: unknown };
  const known = Owners.safeParse(owners).data ?? {};
  return [
    ...Object.entries(known).flatMap(([name, owner]) => placeProblems(owner, ['owners', name])),
    ...OWNED.flatMap((kind) => sharedProblems(known, kind)),
    ...tagProblems(OwnerTags.safeParse(ownerTags).data),
  ];
}

function placeProblems(owner: Owner, path: PolicyPath): PolicyProblem[] {
  const { length } = placesOf(owner);
  const kinds = Object.keys(Owner.shape).filter((kind) => !OWNED.some((each) => each === kind));
  if (length === 0) return [{ path, key: true, message: `has no place where it is told: add ${kinds.join(', ')}` }];
  if (length > MAX_PLACES) return [{ path, key: true, message: `has ${length} places, of at most ${MAX_PLACES}` }];
  return [];
}

/** Which of two owners is told must not depend on the order in the file. */
function sharedProblems(owners: Owners, kind: (typeof OWNED)[number]): PolicyProblem[] {
  const taken = new Map<string, string>();
  return Object.entries(owners).flatMap(([name, owner]) =>
    (owner[kind] ?? []).flatMap((each, n) => {
      const first = taken.get(each) ?? name;
      taken.set(each, first);
      const path = ['owners', name, kind, n];
      return first === name ? [] : [{ path, message: `is "${each}": belongs to ${first} already` }];
    }),
  );
}

function tagProblems({ keys = [], channels = [] }: OwnerTags = {}): PolicyProblem[] {
  if (channels.length === 0 || keys.length > 0) return [];
  return [{ path: ['ownerTags', 'channels'], key: true, message: 'has no effect without ownerTags.keys' }];
}
