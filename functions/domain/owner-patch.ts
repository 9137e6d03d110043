/**
 * A change in the language of those who manage the resource by code. They write it there instead of, or after, Suture.
 */
import * as z from 'zod';
import type { DeclaredChange, DeclaredEdit } from '../contract/remediation.ts';

const PatchEdit = z.object({
  type: z.string(),
  /** It is a resource of its own beside the finding's. */
  beside: z.literal(true).optional(),
  set: z.array(z.object({ name: z.string(), value: z.unknown() })),
});
export type PatchEdit = z.infer<typeof PatchEdit>;

export const OwnerPatch = z.object({
  /** Absent: CloudFormation has no property for the change, or the remediation does not name it. */
  cloudFormation: z.array(PatchEdit).optional(),
  /** Absent: Terraform has no argument for the change, or the remediation does not name it. */
  terraform: z.array(PatchEdit).optional(),
});
export type OwnerPatch = z.infer<typeof OwnerPatch>;

/** The patch is in the job, which must stay small, and in the journal. Longer edits are left out. */
const MAX_EDIT_CHARACTERS = 8_000;

/** Returns undefined if the remediation says nothing. */
export function ownerPatch(declared: DeclaredChange | undefined): OwnerPatch | undefined {
  const [cloudFormation, terraform] = [declared?.edits?.cloudFormation, declared?.edits?.terraform].map(shortEdits);
  if (!cloudFormation && !terraform) return undefined;
  return { ...(cloudFormation && { cloudFormation }), ...(terraform && { terraform }) };
}

function shortEdits(edits: readonly DeclaredEdit[] | undefined): PatchEdit[] | undefined {
  if (!edits || JSON.stringify(edits).length > MAX_EDIT_CHARACTERS) return undefined;
  return edits.map(({ type, beside, set }) => ({ type, ...(beside && { beside }), set: [...set] }));
}
