/**
 * Recognizes the code that manages a resource. Tags are a claim; CloudFormation itself says which stack has a resource.
 * It is asked only if policy's answer depends on it.
 */
import type { ResourceTags } from '../contract/remediation.ts';
import { type Management, managedByStack, managersByTags, type StackClaim, stackClaim } from '../domain/managed.ts';
import { stackIdentity } from '../domain/stack-identity.ts';
import { asksForStack, managedDecisions } from '../domain/stack-question.ts';
import type { EngineRun } from './run.ts';

/** Returns everyone who manages the resource, CloudFormation first, and its stack. */
export async function managersOf(
  run: EngineRun,
  tags: ResourceTags,
): Promise<{ readonly managers: Management[]; readonly stack: StackClaim | undefined }> {
  const { request } = run;
  const claim = stackClaim(tags);
  const stack = asksForStack(request) ? await confirmedStack(run, claim) : claim;
  const decisions = managedDecisions(request);
  const marks = decisions.length > 0 ? decisions.map((each) => each.marks) : [undefined];
  const marked = marks.flatMap((each) => managersByTags(tags, each));
  const byName = new Map(marked.map((management) => [management.name, management]));
  return { managers: [...(stack ? [managedByStack(stack)] : []), ...byName.values()], stack };
}

async function confirmedStack({ module, request, context, deps, arn }: EngineRun, claim: StackClaim | undefined) {
  const { account, region, partition, resource } = request.finding;
  const identity = stackIdentity(module, { account, region, partition }, context.target, resource?.Type);
  if (!identity) return undefined;
  const ownRegion = arn.split(':')[3] || (module.global ? undefined : region);
  return deps.findStack({ resource: identity, region: ownRegion, askedIn: region, account, claim });
}
