import type { FindingResource, Place } from '../../contract/remediation.ts';

/** Returns the account itself as a finding's resource. */
export const accountResource = ({ partition, account, region }: Place): FindingResource => ({
  Type: 'AwsAccount',
  Id: `AWS::::Account:${account}`,
  Partition: partition,
  Region: region,
});
