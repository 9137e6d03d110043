import * as z from 'zod';
import { SuturePolicy } from './policy.ts';

/** `after`: the latest version that the person saw, or null if there was none. */
export const AddPolicyRequest = z.strictObject({ policy: SuturePolicy, after: z.number().int().positive().nullable() });
export type AddPolicyRequest = z.infer<typeof AddPolicyRequest>;

export const AddPolicyReply = z.object({ version: z.number() });
export const DeployPolicyReply = z.object({ deployment: z.number() });
