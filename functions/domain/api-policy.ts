import * as z from 'zod';
import { Reason } from './api-runs.ts';
import { SuturePolicy } from './policy.ts';
import { Proposal } from './proposal.ts';
import type { LedgerKey } from './stops.ts';

/** While this item of the ledger exists, one policy may be deployed. */
export const POLICY_GRANT: LedgerKey = { pk: 'policy', sk: 'grant' };

/** `after`: the latest version that the person saw, or null if there was none. */
export const AddPolicyRequest = z.strictObject({ policy: SuturePolicy, after: z.number().int().positive().nullable() });
export type AddPolicyRequest = z.infer<typeof AddPolicyRequest>;

/** Older command lines send no body. */
export const DeployPolicyRequest = z.strictObject({ reason: Reason.optional() });

export const AddPolicyReply = z.object({ version: z.number() });
/** Either the deployment, or the proposal that somebody else must approve before. */
export const DeployPolicyReply = z.union([z.object({ deployment: z.number() }), z.object({ proposal: Proposal })]);
export type DeployPolicyReply = z.infer<typeof DeployPolicyReply>;

/** `against`: the policy that was live when the difference was computed. */
export const ProposedPolicy = z.object({
  version: z.number(),
  against: z.object({ version: z.number(), deployment: z.number() }).nullable(),
});
export type ProposedPolicy = z.infer<typeof ProposedPolicy>;
