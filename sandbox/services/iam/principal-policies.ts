import type { Kernel, Principal, PrincipalPolicies } from '../../kernel/kernel.ts';
import { entityNameOf, entityPolicies, iamStateOf, resolveManagedPolicy } from './state.ts';

/** Returns undefined if the role or user no longer exists. */
export function principalPolicies(
  kernel: Kernel,
  principal: Principal & { kind: 'session' | 'user' },
): PrincipalPolicies | undefined {
  const state = iamStateOf(kernel, principal.account);
  const entity =
    principal.kind === 'user' ? state.users.get(principal.user) : state.roles.get(entityNameOf(principal.role));
  // A role created again under its old name has another id: sessions of the old one have no policies.
  if (!entity || entity.id !== principal.userId.split(':')[0]) return undefined;
  const groups = 'groups' in entity ? entity.groups.map((name) => state.groups.get(name)!) : [];
  return {
    identity: [entity, ...groups].flatMap((holder) => entityPolicies(state, holder)),
    ...(entity.boundary && { boundary: resolveManagedPolicy(state, entity.boundary) }),
    tags: Object.fromEntries(entity.tags),
    isServiceLinked: entity.path.startsWith('/aws-service-role/'),
  };
}
