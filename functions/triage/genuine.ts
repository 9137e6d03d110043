/** Is this finding what it claims to be? Checked before anything acts on it; the answer is the reason against it. */
import type { Finding, FindingEvent } from '../contract/finding.ts';
import type { Resource } from '../contract/remediation.ts';

export type Organization = {
  readonly securityAccount: string;
  readonly homeRegion: string;
  /** Accounts that Suture leaves alone: security, service and whichever the context excludes. */
  readonly excluded: readonly string[];
  /** The state of the finding's account; undefined where it belongs to no account of the organization. */
  readonly status: string | undefined;
  /** Path of its organizational units, where it is known. */
  readonly ouPath?: string;
};

const SOURCE = 'aws.securityhub';
const DETAIL_TYPES = ['Security Hub Findings - Imported', 'Security Hub Findings - Custom Action'];
const PRODUCT =
  /^arn:(?<partition>aws|aws-cn|aws-us-gov):securityhub:(?<region>[a-z0-9-]+)::product\/aws\/securityhub$/;
/** ARNs, account ids and the characters that names of resources have; a control character or a wildcard is no name. */
const RESOURCE_ID = /^[\w.:/+=,@ -]+$/;

export function forgery(event: FindingEvent, finding: Finding, organization: Organization): string | undefined {
  if (event.source !== SOURCE) return `event comes from source "${event.source}", not ${SOURCE}`;
  if (!DETAIL_TYPES.includes(event['detail-type']))
    return `detail-type "${event['detail-type']}" carries no ASFF findings of Security Hub`;
  if (event.account !== organization.securityAccount)
    return `event comes from account ${event.account}, not from the security account`;
  if (event.region !== organization.homeRegion)
    return `event comes from ${event.region}, not from the home Region ${organization.homeRegion}`;

  const product = PRODUCT.exec(finding.ProductArn)?.groups;
  if (!product) return `ProductArn "${finding.ProductArn}" is not Security Hub's own`;
  const partition = product.partition!;
  if (partition !== partitionOf(organization.homeRegion))
    return `is of partition ${partition}, the organization of ${partitionOf(organization.homeRegion)}`;
  const account = finding.AwsAccountId;
  const id = finding.Id.split(':');
  if (id[0] !== 'arn' || id[2] !== 'securityhub') return `Id "${finding.Id}" is no ARN of Security Hub`;
  if (id[1] !== partition) return `Id is of partition ${id[1]}, ProductArn of ${partition}`;
  if (id[4] !== account) return `Id is of account ${id[4]}, AwsAccountId is ${account}`;
  if (organization.excluded.includes(account)) return `account ${account} is excluded`;
  if (organization.status === undefined) return `account ${account} is not in the organization`;
  if (organization.status !== 'ACTIVE') return `account ${account} is ${organization.status}`;

  for (const resource of finding.Resources) {
    const foreign = foreignResource(resource, account, partition, resource.Region ?? finding.Region);
    if (foreign) return foreign;
  }
  return undefined;
}

/** An organization lives in one partition, and so does its home Region. */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

function foreignResource(
  { Id, Partition }: Resource,
  account: string,
  partition: string,
  region: string | undefined,
): string | undefined {
  if (!RESOURCE_ID.test(Id)) return `resource "${Id.slice(0, 100)}" has characters that no resource's name has`;
  if (Partition !== undefined && Partition !== partition)
    return `resource is of partition ${Partition}, ProductArn of ${partition}`;
  if (Id.startsWith('AWS::::Account:'))
    return Id === `AWS::::Account:${account}` ? undefined : `resource "${Id}" is not account ${account}`;
  if (!Id.startsWith('arn:')) return undefined;
  const [, arnPartition, , arnRegion, arnAccount] = Id.split(':');
  if (arnPartition !== partition) return `resource is of partition ${arnPartition}, ProductArn of ${partition}`;
  if (arnAccount && arnAccount !== account)
    return `resource "${Id}" is of account ${arnAccount}, AwsAccountId is ${account}`;
  if (arnRegion && region && arnRegion !== region)
    return `resource "${Id}" is of ${arnRegion}, the finding of ${region}`;
  return undefined;
}
