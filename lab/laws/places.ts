/** The accounts and Regions in which laws are proven. */
import type { Place } from '../../functions/contract/remediation.ts';

/** The account and Region of the finding's resource. */
export const FINDING_PLACE: Place = { partition: 'aws', account: '333333333333', region: 'us-east-1' };
export const OTHER_REGION_PLACE: Place = { ...FINDING_PLACE, region: 'eu-west-1' };
export const OTHER_ACCOUNT_PLACE: Place = { ...FINDING_PLACE, account: '444444444444' };
/** The other account, in the other Region. A remediation must do the same there. */
export const OTHER_PLACE: Place = { ...OTHER_ACCOUNT_PLACE, region: OTHER_REGION_PLACE.region };
export const PROOF_MANAGEMENT_ACCOUNT = '999999999999';
