import type { PolicyChange } from '../../functions/domain/policy-mode-changes.ts';
import type { Proposal } from '../../functions/domain/proposal.ts';
import type { PolicyStore } from '../clients/policy.ts';

/**
 * Returns the changes that approval makes besides those of the summary, which has only what lets Suture write more.
 * @throws Failure if one of the versions is gone, or of another Suture
 */
export async function otherChanges(
  { kind, subject, summary }: Proposal,
  injectedStore?: Pick<PolicyStore, 'contentOf'>,
): Promise<PolicyChange[]> {
  if (kind !== 'policy') return [];
  const { ProposedPolicy } = await import('../../functions/domain/api-policy.ts');
  const { policyStore } = await import('../clients/policy.ts');
  const { comparePolicies, parseVersion } = await import('../policy/comparison.ts');
  const { version, against } = ProposedPolicy.parse(subject);
  const store = injectedStore ?? (await policyStore());
  const before = against ? { ...against, content: await store.contentOf(against.version) } : undefined;
  const { changes } = comparePolicies(before, parseVersion(await store.contentOf(version), version));
  return changes.filter(({ text }) => !summary.includes(text));
}
