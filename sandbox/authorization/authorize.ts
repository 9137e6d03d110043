/** Decides which calls a principal may make, by the policies at the time of the call. */
import { hook } from '../kernel/hooks.ts';
import {
  type AwsPlace,
  type IamDecision,
  type Kernel,
  type NamedPolicy,
  type Need,
  type Principal,
  principalName,
} from '../kernel/kernel.ts';
import { requestContext } from './context.ts';
import { denialError } from './denied.ts';
import { evaluatePolicies, type IamVerdict } from './evaluate.ts';
import type { PrincipalFacts } from './principals.ts';

/**
 * Decides one need and puts the decision on the kernel's log.
 * @param service the sandbox's name of the service that authorizes, which has its own error; default: the action's
 * prefix
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
  const caller = principalName(principal);
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
  if (because) throw denialError(kernel, service ?? need.action.split(':')[0]!, caller, need, because);
  return logged;
}

export function decideAccess(kernel: Kernel, principal: Principal, place: AwsPlace, need: Need): IamVerdict {
  const policies = applicablePolicies(kernel, principal);
  const owner = need.owner ?? accountIn(need.resource) ?? place.account;
  const context = requestContext({
    principal,
    principalTags: policies.tags,
    need,
    requestedRegion: requestedRegion(kernel, need.action, place),
    owner,
    now: kernel.clock.now(),
    organizationOf: (account) => hook(kernel, 'organizationPath')(kernel, account),
  });
  return evaluatePolicies({ ...policies, need, principal: factsOf(principal), owner, context });
}

/** The endpoint of a global service has one Region, whatever Region the client was made for. */
function requestedRegion({ services = [] }: Kernel, action: string, { partition, region }: AwsPlace): string {
  const prefix = action.slice(0, action.indexOf(':'));
  return services.find((service) => service.prefix === prefix)?.globalRegions?.[partition] ?? region;
}

type ApplicablePolicies = {
  readonly identity: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  readonly session?: (Principal & { kind: 'session' })['sessionPolicy'];
  readonly scps: readonly (readonly NamedPolicy[])[];
  readonly tags: Readonly<Record<string, string>>;
};

const NO_POLICIES: ApplicablePolicies = { identity: [], scps: [], tags: {} };
const ROOT_POLICY = { name: 'root', document: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } } as const;

function applicablePolicies(kernel: Kernel, principal: Principal): ApplicablePolicies {
  if (principal.kind === 'service') return NO_POLICIES;
  const scps = hook(kernel, 'serviceControlPolicies')(kernel, principal.account);
  if (principal.kind === 'root') return { ...NO_POLICIES, identity: [ROOT_POLICY], scps };

  const policies = hook(kernel, 'principalPolicies')(kernel, principal);
  if (!policies) return { ...NO_POLICIES, scps };
  const { identity, boundary, tags, isServiceLinked } = policies;
  return {
    identity,
    ...(boundary && { boundary }),
    ...(principal.kind === 'session' && principal.sessionPolicy && { session: principal.sessionPolicy }),
    scps: isServiceLinked ? [] : scps,
    tags: principal.kind === 'session' ? { ...tags, ...principal.sessionTags } : tags,
  };
}

function factsOf(principal: Principal): PrincipalFacts {
  const { kind, account } = principal;
  if (kind === 'service') return { kind, account, arn: principal.service };
  if (kind === 'root') return { kind, account, arn: principal.arn };
  const role = kind === 'session' ? { role: principal.role } : {};
  return { kind, account, arn: principal.arn, uniqueId: uniqueIdOf(principal), ...role };
}

/** Returns the unique id of the user or of the session's role: the first part of `AROA…:name`. */
const uniqueIdOf = (principal: Principal & { kind: 'session' | 'user' }): string => principal.userId.split(':')[0]!;

const accountIn = (resource: string): string | undefined => /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1];
