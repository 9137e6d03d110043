import { COUNTER_SHARDS } from '../../../functions/domain/stops.ts';
import type { AttemptFacts } from '../../../functions/ports/leases.ts';

/** The facts of a finding without a record, with closed circuits and unused caps. */
export const NO_FACTS: AttemptFacts = {
  circuits: { account: {}, organization: {} },
  inAccount: 0,
  inOrganization: Array(COUNTER_SHARDS).fill(0),
};
