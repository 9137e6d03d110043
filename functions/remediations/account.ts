/** The account itself as a finding's resource. */
import type { Place, Resource } from '../contract/remediation.ts';

export const accountResource = ({ partition, account, region }: Place): Resource => ({
  Type: 'AwsAccount',
  Id: `AWS::::Account:${account}`,
  Partition: partition,
  Region: region,
});
