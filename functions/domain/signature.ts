/**
 * The signed texts, which nobody who only passes them on can change: triage signs the permission of an execution, the
 * approval function a person's approval. The remediation's function verifies both. Pure.
 */
import { createHash } from 'node:crypto';
import { canonical } from '../contract/is-equal.ts';
import type { Job, JobWork, RemediationRequest } from './job.ts';
import type { PlanApproval } from './plan.ts';

/** The functions that sign, each with a key of its own. */
export const SIGNERS = ['triage', 'approvals'] as const;
export type SigningFunction = (typeof SIGNERS)[number];

type Signed = Pick<Job, 'execution' | 'started' | 'askedBy'> & {
  readonly finding: Omit<Job['finding'], 'productArn'>;
};
type SignedWork = Pick<JobWork, 'remediation' | 'mode' | 'force' | 'undo' | 'target' | 'params' | 'unmet' | 'policy'>;

/** Returns what triage permits the execution. The proxy may change everything else of a job. */
export const permissionOf = (
  { execution, started, askedBy, finding }: Signed,
  { remediation, mode, force, undo, target, params, unmet, policy }: SignedWork,
): Uint8Array => {
  const { id, control, title, account, region, partition, resource } = finding;
  const signedFinding = { id, control, title, account, region, partition, resource: resource?.Id };
  return digest({
    ...{ execution, started, askedBy, finding: signedFinding },
    ...{ remediation, mode, force, undo, target, params, unmet, policy },
  });
};

/** Returns the permission under which a request came, as triage would have signed it. */
export const permissionOfRequest = (
  remediation: string,
  { triaged, ...request }: RemediationRequest & { readonly triaged: NonNullable<RemediationRequest['triaged']> },
): Uint8Array => permissionOf(request, { ...request, remediation, mode: triaged.mode, policy: triaged.policy });

/** Returns a person's approval of the plan of one execution. */
export const approvalOf = (execution: string, { by, at, plan }: PlanApproval): Uint8Array =>
  digest({ execution, by, at, plan });

/** As JSON, because jobs and requests travel in that form. */
const digest = (value: object): Uint8Array =>
  new Uint8Array(
    createHash('sha256')
      .update(canonical(JSON.parse(JSON.stringify(value))))
      .digest(),
  );
