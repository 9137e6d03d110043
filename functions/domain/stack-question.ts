/** The permission to ask CloudFormation which stack has a resource. Sessions of plans have it, and no others. */
import type { Place } from '../contract/remediation.ts';
import { type ManagedDecision, mayRestrict } from './managed.ts';
import type { PolicyDocument, PolicyStatement } from './permissions.ts';

export const ASK_STACK = 'cloudformation:DescribeStackResources';

/** The statement of the member role. The stack of a global resource may be in any Region. */
export const ROLE_STACK_STATEMENT: PolicyStatement = {
  Effect: 'Allow',
  Action: ASK_STACK,
  Resource: 'arn:${AWS::Partition}:cloudformation:*:${AWS::AccountId}:stack/*',
};

type ManagedRequest = {
  readonly mode: string;
  /** Suture has fixed the finding before: a deployment may have undone that. */
  readonly recurs?: boolean | undefined;
  readonly policy: { readonly managed?: ManagedDecision | undefined };
  readonly triaged?: { readonly policy: { readonly managed?: ManagedDecision | undefined } } | undefined;
};

/** Returns what policy said at triage and says now. */
export const managedDecisions = ({ policy, triaged }: ManagedRequest): ManagedDecision[] =>
  [policy.managed, triaged?.policy.managed].filter((each) => each !== undefined);

/**
 * Whether CloudFormation is asked: policy depends on the manager, or a deployment may have undone an earlier fix. A
 * rollback is a person's request, and asks nothing.
 */
export const asksForStack = (request: ManagedRequest): boolean =>
  request.mode !== 'rollback' &&
  (request.recurs === true || managedDecisions(request).some((decision) => mayRestrict(decision, 'cloudformation')));

/** Whether a session with this policy may ask. */
export const mayAskForStack = ({ Statement }: PolicyDocument): boolean =>
  Statement.some(({ Effect, Action }) => Effect === 'Allow' && Action === ASK_STACK);

/** Returns the session policy of a plan. The answer has names of the stack's resources, and no data in them. */
export function withStackQuestion(policy: PolicyDocument, { partition, account }: Place, request: ManagedRequest) {
  if (!asksForStack(request)) return policy;
  const Resource = `arn:${partition}:cloudformation:*:${account}:stack/*`;
  return { ...policy, Statement: [...policy.Statement, { Effect: 'Allow', Action: ASK_STACK, Resource } as const] };
}
