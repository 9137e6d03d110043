/** Is this finding what it claims to be? Checked before anything acts on it; the answer is the reason against it. */

import type { FindingResource } from '../contract/remediation.ts';
import type { Finding, FindingEvent } from '../domain/finding.ts';

export type OrganizationFacts = {
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
/** `.` or `..` in place of a name: what puts it into a path would end up elsewhere. */
const TRAVERSAL = /(?:^|[:/])\.{1,2}(?:[:/]|$)/;
/** Ids and names that Security Hub makes up itself: printable ASCII, so that none looks like another. */
const PLAIN = /^[\x21-\x7e]+$/;

/** One thing to look at, the value met, and the reason why a finding goes no further, where it does not. */
export type FindingCheck = { readonly check: string; readonly value: string; readonly against?: string };

/** Every check, in order; whoever walks them stops at the first that is against the finding. */
export function* genuineness(
  event: FindingEvent,
  finding: Finding,
  organization: OrganizationFacts,
): Generator<FindingCheck, void, void> {
  yield look(
    'event source',
    event.source,
    event.source === SOURCE,
    (is) => `event comes from source "${is}", not ${SOURCE}`,
  );
  yield look(
    'detail-type',
    event['detail-type'],
    DETAIL_TYPES.includes(event['detail-type']),
    (is) => `detail-type "${is}" carries no ASFF findings of Security Hub`,
  );
  yield look(
    'account of the event',
    event.account,
    event.account === organization.securityAccount,
    (is) => `event comes from account ${is}, not from the security account`,
  );
  yield look(
    'Region of the event',
    event.region,
    event.region === organization.homeRegion,
    (is) => `event comes from ${is}, not from the home Region ${organization.homeRegion}`,
  );

  const product = PRODUCT.exec(finding.ProductArn)?.groups;
  yield look(
    'ProductArn',
    finding.ProductArn,
    product !== undefined,
    (is) => `ProductArn "${is}" is not Security Hub's own`,
  );
  const partition = product!.partition!;
  const home = partitionOf(organization.homeRegion);
  yield look('partition', partition, partition === home, (is) => `is of partition ${is}, the organization of ${home}`);
  const region = product!.region!;
  yield look(
    'Region',
    finding.Region ?? region,
    (finding.Region ?? region) === region,
    (is) => `Region is ${is}, ProductArn is of ${region}`,
  );
  yield names(finding);
  const account = finding.AwsAccountId;
  yield { check: 'Id', value: finding.Id, against: foreignId(finding.Id, partition, region, account) };
  yield look(
    'excluded accounts',
    account,
    !organization.excluded.includes(account),
    (is) => `account ${is} is excluded`,
  );
  const status = organization.status;
  yield look(
    'member of the organization',
    account,
    status !== undefined,
    (is) => `account ${is} is not in the organization`,
  );
  yield look('state of the account', status ?? 'unknown', status === 'ACTIVE', (is) => `account ${account} is ${is}`);

  for (const resource of finding.Resources)
    yield {
      check: 'resource',
      value: resource.Id,
      against: foreignResource(resource, account, partition, resource.Region ?? region),
    };
}

const look = (check: string, value: string, passed: boolean, against: (value: string) => string): FindingCheck =>
  passed ? { check, value } : { check, value, against: against(value) };

/** The names that Security Hub makes up. */
function names({ Id, GeneratorId, Compliance }: Finding): FindingCheck {
  const named = { Id, GeneratorId, SecurityControlId: Compliance?.SecurityControlId ?? '-' };
  const odd = Object.entries(named).find(([, value]) => !PLAIN.test(value));
  if (!odd) return { check: 'names', value: 'printable ASCII' };
  const value = JSON.stringify(odd[1].slice(0, 100));
  const against = `${odd[0]} ${value} has characters that nothing has which Security Hub names`;
  return { check: 'names', value, against };
}

function foreignId(findingId: string, partition: string, region: string, account: string): string | undefined {
  const [arn, idPartition, service, idRegion, idAccount] = findingId.split(':');
  if (arn !== 'arn' || service !== 'securityhub') return `Id "${findingId}" is no ARN of Security Hub`;
  if (idPartition !== partition) return `Id is of partition ${idPartition}, ProductArn of ${partition}`;
  if (idRegion !== region) return `Id is of ${idRegion}, ProductArn of ${region}`;
  return idAccount === account ? undefined : `Id is of account ${idAccount}, AwsAccountId is ${account}`;
}

/** An organization lives in one partition, and so does its home Region. */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

function foreignResource(
  { Id, Partition }: FindingResource,
  account: string,
  partition: string,
  region: string,
): string | undefined {
  if (!RESOURCE_ID.test(Id))
    return `resource ${JSON.stringify(Id.slice(0, 100))} has characters that no resource's name has`;
  if (TRAVERSAL.test(Id)) return `resource "${Id.slice(0, 100)}" is a path to something else`;
  if (Partition !== undefined && Partition !== partition)
    return `resource is of partition ${Partition}, ProductArn of ${partition}`;
  if (Id.startsWith('AWS::::Account:'))
    return Id === `AWS::::Account:${account}` ? undefined : `resource "${Id}" is not account ${account}`;
  if (!Id.startsWith('arn:')) return undefined;
  const [, arnPartition, , arnRegion, arnAccount] = Id.split(':');
  if (arnPartition !== partition) return `resource is of partition ${arnPartition}, ProductArn of ${partition}`;
  if (arnAccount && arnAccount !== account)
    return `resource "${Id}" is of account ${arnAccount}, AwsAccountId is ${account}`;
  if (arnRegion && arnRegion !== region) return `resource "${Id}" is of ${arnRegion}, the finding of ${region}`;
  return undefined;
}
