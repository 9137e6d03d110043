/** The declarations of packages, as `packaged-remediations.ts` has their remediations. */
import type { RemediationDeclaration } from '../domain/declaration.ts';

export const PACKAGED_DECLARATIONS: readonly RemediationDeclaration[] = [];
