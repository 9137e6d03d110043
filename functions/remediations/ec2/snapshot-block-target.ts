/** The block of public snapshots: its findings name the account, or the setting by an ARN that ends with the account. */
import { accountTarget, FindingResource, identifiedBy } from '../../contract/remediation.ts';

const SETTING_ARN = /^arn:[\w-]+:ec2:[\w-]+:(\d{12}):snapshotblockpublicaccess\/\1$/;

const settingOfAccount = ({ Type, Id, ...resource }: FindingResource): FindingResource => {
  const account = Type === 'AwsEc2SnapshotBlockPublicAccess' ? SETTING_ARN.exec(Id)?.[1] : undefined;
  return account ? { ...resource, Type: 'AwsAccount', Id: `AWS::::Account:${account}` } : { ...resource, Type, Id };
};

export const snapshotBlockTarget = identifiedBy(
  'arn:{partition}:iam::{account}:root',
  FindingResource.transform(settingOfAccount).pipe(accountTarget),
);
