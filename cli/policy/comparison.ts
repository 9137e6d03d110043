import { SuturePolicy } from '../../functions/domain/policy.ts';
import { policyChanges } from '../../functions/domain/policy-changes.ts';
import type { PolicyChange } from '../../functions/domain/policy-mode-changes.ts';
import { DECLARATIONS } from '../../functions/remediations/declarations.generated.ts';
import type { DeployedPolicy } from '../clients/policy.ts';
import { Failure } from '../errors/failure.ts';
import { changeLine } from '../output/change-line.ts';
import { countText } from '../output/count-text.ts';

export type PolicyComparison = {
  readonly deployed: DeployedPolicy | undefined;
  /** The deployed policy, or one that names no control. */
  readonly live: SuturePolicy;
  readonly changes: readonly PolicyChange[];
  /** No policy is deployed, or this version of Suture cannot read it; every rule counts as new. */
  readonly unreadable: boolean;
};

export function comparePolicies(deployed: DeployedPolicy | undefined, policy: SuturePolicy): PolicyComparison {
  const before = SuturePolicy.safeParse(deployed?.content);
  const live = before.success ? before.data : SuturePolicy.parse({ version: 1, controls: {} });
  return {
    deployed,
    live,
    changes: policyChanges(live, policy, DECLARATIONS),
    unreadable: !before.success,
  };
}

export function comparisonText({ deployed, changes, unreadable }: PolicyComparison): string {
  const against = deployed ? `version ${deployed.version}, which is deployed` : 'nothing: no policy is deployed yet';
  if (changes.length === 0 && !unreadable) return `Nothing changes against ${against}.`;
  const widening = changes.filter(({ widens }) => widens).length;
  const marks = widening > 0 ? `; ${widening} marked ! let Suture write what it may not now` : '';
  return [
    ...changes.map(({ text, widens }) => changeLine(text, widens)),
    `${countText(changes.length, 'change')} against ${against}${marks}.`,
    ...(deployed && unreadable
      ? ['The deployed policy is of another version of Suture; every rule counts as new.']
      : []),
  ].join('\n');
}

export const deployedNumbers = ({ deployed }: PolicyComparison) =>
  deployed ? { version: deployed.version, deployment: deployed.deployment } : null;

/** @throws Failure if this version of Suture cannot read that policy version */
export function parseVersion(content: unknown, version: number): SuturePolicy {
  const parsed = SuturePolicy.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new Failure(`Version ${version} was written for another version of Suture; deploy a file instead.`);
}
