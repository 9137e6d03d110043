/** The stack that a finding's tags name. Suture asks CloudFormation for it, so the sandbox must have it. */
import type { JobFinding, JobWork } from '../../functions/domain/job.ts';
import { stackClaim } from '../../functions/domain/managed.ts';
import { stackIdentity } from '../../functions/domain/stack-identity.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import { arnOfStack, CLOUDFORMATION, type Stack } from '../../sandbox/cloudformation/stacks.ts';
import type { Sandbox } from '../../sandbox/index.ts';

type TaggedFinding = { readonly finding: JobFinding; readonly work: JobWork };

/** Adds the resource to the stack, as if the stack had created it. */
export function joinClaimedStack({ kernel }: Sandbox, { finding, work }: TaggedFinding): void {
  const claim = stackClaim(finding.resource?.Tags ?? {});
  const place = { partition: finding.partition!, account: finding.account!, region: finding.region! };
  const { remediation } = scenariosOf(finding.control!);
  const identity = stackIdentity(remediation, place, work.target, finding.resource?.Type);
  if (!claim || !identity) return;
  const { stacks } = kernel.state(CLOUDFORMATION, place);
  const stack: Stack = stacks.get(claim.name) ?? {
    ...{ name: claim.name, id: claim.id ?? arnOfStack(kernel, place, claim.name), status: 'CREATE_COMPLETE' },
    ...{ resources: new Map(), outputs: new Map(), createdAt: kernel.clock.now(), tags: {}, isProtected: false },
  };
  const logicalId = claim.logicalId ?? `Resource${stack.resources.size + 1}`;
  const created = { ref: identity.ids[0]! };
  stack.resources.set(logicalId, { type: identity.types?.[0] ?? 'Custom::Resource', properties: {}, created });
  stacks.set(claim.name, stack);
}
