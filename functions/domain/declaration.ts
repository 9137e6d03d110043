/** A remediation as triage and the policy's validator know it: they never run one. */
import type { Remediation } from '../contract/remediation.ts';

export type RemediationDeclaration = Pick<
  Remediation,
  'id' | 'version' | 'risk' | 'handles' | 'global' | 'target' | 'params' | 'controlParams'
> & {
  readonly alias?: Pick<NonNullable<Remediation['alias']>, 'target'>;
  /** Present if the risk depends on the change. */
  readonly riskOf?: unknown;
  /** Present if a rollback runs in a function of its own. */
  readonly undoes?: unknown;
  /** Present if it reads the tags of its resource. */
  readonly tags?: unknown;
};
