/** The scenarios of packages, as `packaged-remediations.ts` has their remediations. */
import type { Scenarios } from '../contract/scenario.ts';

export const PACKAGED_SCENARIOS: readonly Scenarios[] = [];
