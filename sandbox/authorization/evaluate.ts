/**
 * IAM's decision on one need, from all policies that apply.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { IamPolicy, NamedPolicy, Need } from '../kernel/kernel.ts';
import {
  type CompiledStatement,
  fillVariables,
  type PolicyTemplate,
  type RequestContext,
  statementsFor,
} from './compile.ts';
import { conditionsHold } from './conditions.ts';
import { type Naming, namingOf, type PrincipalFacts } from './principals.ts';
import { matchesArn } from './wildcards.ts';

export type PolicyKind = 'identity' | 'resource' | 'trust' | 'boundary' | 'session' | 'scp';

export type AccessQuestion = {
  readonly need: Pick<Need, 'action' | 'resource' | 'resourcePolicy'>;
  readonly principal: PrincipalFacts;
  readonly owner: string;
  readonly identity: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  readonly session?: IamPolicy;
  /** Of the principal's account, level by level from the root; empty if they do not apply. */
  readonly scps: readonly (readonly NamedPolicy[])[];
  readonly context: RequestContext;
};

export type IamVerdict = {
  readonly decision: 'Allow' | 'Deny';
  /** The statements that decided: `<policy>#<Sid or index>`; empty if nothing allows. */
  readonly by: readonly string[];
  /** Only for a denial: the kind of policy that denies explicitly or does not allow. */
  readonly because?: { readonly kind: PolicyKind; readonly explicit: boolean };
};

export function evaluatePolicies(question: AccessQuestion): IamVerdict {
  const { need, principal } = question;
  const resourceKind: PolicyKind = isRoleTrust(need.action) ? 'trust' : 'resource';
  const scps = question.scps.map((level) => judge(level, question));
  const resource = judgeResourcePolicy(question);
  const identity = judge(question.identity, question);
  const boundary = question.boundary && judge([question.boundary], question);
  const session = question.session && judge([{ name: 'session', document: question.session }], question);

  const denials: readonly (readonly [PolicyKind, Judgement | undefined])[] = [
    ...scps.map((level) => ['scp', level] as const),
    [resourceKind, resource],
    ['identity', identity],
    ['boundary', boundary],
    ['session', session],
  ];
  for (const [kind, judgement] of denials) {
    if (judgement && judgement.denied.length > 0) return denied(kind, judgement.denied);
  }

  if (principal.kind === 'service') return resource.naming ? allowed(resource) : denied(resourceKind);
  if (scps.some((level) => level.allowed.length === 0)) return denied('scp');

  const crossAccount = principal.account !== question.owner;
  if (!crossAccount && resource.naming === 'direct') return allowed(resource);
  if (needsGrant(need) && !resource.naming) return denied(resourceKind);
  const needsIdentityPolicy = crossAccount || resource.naming !== 'role';
  if (needsIdentityPolicy && identity.allowed.length === 0) return denied('identity');
  if (crossAccount && !resource.naming) return denied(resourceKind);
  if (boundary && boundary.allowed.length === 0) return denied('boundary');
  if (session && session.allowed.length === 0) return denied('session');
  return allowed(identity, resource, boundary, session);
}

type Judgement = { readonly allowed: readonly string[]; readonly denied: readonly string[] };
type ResourceJudgement = Judgement & { readonly naming?: Naming };

const WEAKEST_NAMING_FIRST: readonly Naming[] = ['account', 'role', 'direct'];

const allowed = (...judgements: readonly (Judgement | undefined)[]): IamVerdict => ({
  decision: 'Allow',
  by: judgements.flatMap((judgement) => judgement?.allowed ?? []),
});

const denied = (kind: PolicyKind, by: readonly string[] = []): IamVerdict => ({
  decision: 'Deny',
  by,
  because: { kind, explicit: by.length > 0 },
});

const isRoleTrust = (action: string): boolean => /^sts:(AssumeRole|SetSourceIdentity|TagSession)$/i.test(action);

/** Returns true if the resource's own policy must allow the action too: a role's trust policy, a KMS key's policy. */
const needsGrant = ({ action, resourcePolicy }: AccessQuestion['need']): boolean =>
  isRoleTrust(action) || (resourcePolicy !== undefined && /^kms:/i.test(action));

function judge(policies: readonly NamedPolicy[], question: AccessQuestion): Judgement {
  const action = question.need.action.toLowerCase();
  const allowed: string[] = [];
  const denied: string[] = [];
  for (const { name, document } of policies) {
    for (const statement of statementsFor(document, action)) {
      if (!applies(statement, question)) continue;
      (statement.allows ? allowed : denied).push(`${name}#${statement.name}`);
    }
  }
  return { allowed, denied };
}

function judgeResourcePolicy(question: AccessQuestion): ResourceJudgement {
  const allowed: string[] = [];
  const denied: string[] = [];
  let naming: Naming | undefined;
  if (!question.need.resourcePolicy) return { allowed, denied };
  const name = isRoleTrust(question.need.action) ? 'trust' : 'resource';
  for (const statement of statementsFor(question.need.resourcePolicy, question.need.action.toLowerCase())) {
    const named = namingByStatement(statement, question);
    if (!named || !applies(statement, question)) continue;
    (statement.allows ? allowed : denied).push(`${name}#${statement.name}`);
    if (statement.allows && (!naming || WEAKEST_NAMING_FIRST.indexOf(named) > WEAKEST_NAMING_FIRST.indexOf(naming)))
      naming = named;
  }
  return { allowed, denied, naming };
}

/**
 * Deny with NotPrincipal denies every principal that has a permissions boundary, even one that NotPrincipal names:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function namingByStatement(statement: CompiledStatement, { principal, boundary }: AccessQuestion): Naming | undefined {
  if (statement.principal) return namingOf(statement.principal, principal);
  if (!statement.notPrincipal) return undefined;
  if (boundary && !statement.allows) return 'direct';
  return namingOf(statement.notPrincipal, principal) ? undefined : 'direct';
}

function applies(statement: CompiledStatement, { need, context }: AccessQuestion): boolean {
  const { resources, notResources, conditions } = statement;
  if (resources && !resourceAmong(resources, need.resource, context)) return false;
  if (notResources && resourceAmong(notResources, need.resource, context)) return false;
  return conditionsHold(conditions, context);
}

const resourceAmong = (patterns: readonly PolicyTemplate[], resource: string, context: RequestContext): boolean =>
  patterns.some((template) => {
    const pattern = fillVariables(template, context, true);
    return pattern !== undefined && matchesArn(resource, pattern);
  });
