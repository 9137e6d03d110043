/** Decides what a caller may do, from the policies as they stand at this moment. */
import type { AwsPlace, IamDecision, Kernel, Need, Principal } from '../kernel/kernel.ts';
import { managedPolicy, nameOf, policiesOf } from '../services/iam/state.ts';
import { iamOf } from '../services/iam/trust.ts';
import { organizationOf, organizationPath, scpsOf } from '../services/organizations/look-up.ts';
import { requestContext } from './context.ts';
import { denialOf } from './denied.ts';
import { evaluate, type IamVerdict, type NamedPolicy } from './evaluate.ts';
import type { PrincipalFacts } from './principals.ts';

/**
 * Decides one need and puts the decision on the kernel's log.
 * @param service the sandbox's name of the service that asks, which has its own error; default: the action's prefix
 * @throws AwsError the service's denial in AWS's words
 */
export function authorize(
  kernel: Kernel,
  principal: Principal,
  place: AwsPlace,
  need: Need,
  service?: string,
): IamDecision {
  const { decision, by, because } = decideAccess(kernel, principal, place, need);
  const caller = principal.kind === 'service' ? principal.service : principal.arn;
  const logged: IamDecision = {
    action: need.action,
    resource: need.resource,
    principal: caller,
    ...(principal.kind === 'session' && { role: principal.role }),
    account: place.account,
    region: place.region,
    decision,
    by,
  };
  kernel.decisions.push(logged);
  if (because) throw denialOf(service ?? need.action.split(':')[0]!, caller, need, because);
  return logged;
}

/** The same decision, neither logged nor thrown. */
export function decideAccess(kernel: Kernel, principal: Principal, place: AwsPlace, need: Need): IamVerdict {
  const policies = gather(kernel, principal);
  const owner = need.owner ?? accountIn(need.resource) ?? place.account;
  const context = requestContext({
    principal,
    principalTags: policies.tags,
    need,
    place,
    owner,
    now: kernel.clock.now(),
    organizationOf(account) {
      const path = organizationPath(kernel, account);
      return path === undefined ? undefined : { id: organizationOf(kernel).organization!.id, path };
    },
  });
  return evaluate({ ...policies, need, principal: factsOf(principal), owner, context });
}

type Policies = {
  readonly identity: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  readonly session?: (Principal & { kind: 'session' })['sessionPolicy'];
  readonly scps: readonly (readonly NamedPolicy[])[];
  readonly tags: Readonly<Record<string, string>>;
};

const nothing: Policies = { identity: [], scps: [], tags: {} };
const everything = { name: 'root', document: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } } as const;

function gather(kernel: Kernel, principal: Principal): Policies {
  if (principal.kind === 'service') return nothing;
  const state = iamOf(kernel, principal.account);
  const scps = scpsOf(kernel, principal.account);
  if (principal.kind === 'root') return { ...nothing, identity: [everything], scps };

  const entity = principal.kind === 'user' ? state.users.get(principal.user) : state.roles.get(nameOf(principal.role));
  // A role made again under its old name is another one: what was assumed before has lost its policies.
  if (entity?.id !== uniqueIdOf(principal)) return { ...nothing, scps };
  const groups = 'groups' in entity! ? entity.groups.map((name) => state.groups.get(name)!) : [];
  const roleTags = Object.fromEntries(entity!.tags);
  return {
    identity: [entity!, ...groups].flatMap((holder) => policiesOf(state, holder)),
    ...(entity!.boundary && { boundary: managedPolicy(state, entity!.boundary) }),
    ...(principal.kind === 'session' && principal.sessionPolicy && { session: principal.sessionPolicy }),
    // Service control policies do not bind service-linked roles.
    scps: entity!.path.startsWith('/aws-service-role/') ? [] : scps,
    tags: principal.kind === 'session' ? { ...roleTags, ...principal.sessionTags } : roleTags,
  };
}

function factsOf(principal: Principal): PrincipalFacts {
  const { kind, account } = principal;
  if (kind === 'service') return { kind, account, arn: principal.service };
  if (kind === 'root') return { kind, account, arn: principal.arn };
  const role = kind === 'session' ? { role: principal.role } : {};
  return { kind, account, arn: principal.arn, uniqueId: uniqueIdOf(principal), ...role };
}

/** Of a session `AROA…:name` the role's part; of a user the whole. */
const uniqueIdOf = (principal: Principal & { kind: 'session' | 'user' }): string => principal.userId.split(':')[0]!;

/** The account that an ARN names. */
const accountIn = (resource: string): string | undefined => /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1];
