/** Checks whether a finding is genuine, before anything acts on it. */
import type { FindingResource } from '../contract/remediation.ts';
import { SECURITY_HUB_PRODUCT } from '../domain/finding.ts';
import type { Candidate } from './candidate.ts';
import { type Check, type CheckResult, ignoreUnless, rejectUnless, resultOf } from './check.ts';

const SOURCE = 'aws.securityhub';
const DETAIL_TYPES = ['Security Hub Findings - Imported', 'Security Hub Findings - Custom Action'];
/**
 * ARNs, account ids and names of resources. IAM allows more in paths, wildcards of policies among it. ARNs of log groups
 * may end with `:*`: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
 */
const RESOURCE_ID = /^[\w.:/+=,@ -]+(?::\*)?$/;
/** `.` or `..` instead of a name, which would lead a path elsewhere. */
const TRAVERSAL = /(?:^|[:/])\.{1,2}(?:[:/]|$)/;
/** Printable ASCII, so that no two ids look alike. */
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;

const eventSource: Check<Candidate> = ({ event: { source } }) =>
  rejectUnless(source === SOURCE, 'event source', source, `event comes from source "${source}", not ${SOURCE}`);

const detailType: Check<Candidate> = ({ event }) => {
  const type = event['detail-type'];
  const reason = `detail-type "${type}" carries no ASFF findings of Security Hub`;
  return rejectUnless(DETAIL_TYPES.includes(type), 'detail-type', type, reason);
};

const eventAccount: Check<Candidate> = ({ event: { account }, facts: { organization } }) =>
  rejectUnless(
    account === organization.securityAccount,
    'account of the event',
    account,
    `event comes from account ${account}, not from the security account`,
  );

const eventRegion: Check<Candidate> = ({ event: { region }, facts: { organization } }) =>
  rejectUnless(
    region === organization.homeRegion,
    'Region of the event',
    region,
    `event comes from ${region}, not from the home Region ${organization.homeRegion}`,
  );

const productArn: Check<Candidate> = ({ finding: { ProductArn } }) =>
  rejectUnless(
    SECURITY_HUB_PRODUCT.test(ProductArn),
    'ProductArn',
    ProductArn,
    `ProductArn "${ProductArn}" is not Security Hub's own`,
  );

const partition: Check<Candidate> = (candidate) => {
  const { partition } = productOf(candidate);
  const home = partitionOf(candidate.facts.organization.homeRegion);
  const reason = `is of partition ${partition}, the organization of ${home}`;
  return rejectUnless(partition === home, 'partition', partition, reason);
};

const region: Check<Candidate> = (candidate) => {
  const { region } = productOf(candidate);
  const named = candidate.finding.Region ?? region;
  return rejectUnless(named === region, 'Region', named, `Region is ${named}, ProductArn is of ${region}`);
};

const handledRegions: Check<Candidate> = (candidate) => {
  const { region } = productOf(candidate);
  const { regions } = candidate.facts.organization;
  const reason = `Region ${region} is not among the context's regions: ${regions?.join(', ')}`;
  return ignoreUnless(regions?.includes(region) ?? true, 'Regions of the context', region, reason);
};

const names: Check<Candidate> = ({ finding: { Id, GeneratorId, Compliance } }) => {
  const own = { Id, GeneratorId, SecurityControlId: Compliance?.SecurityControlId ?? '-' };
  const odd = Object.entries(own).find(([, value]) => !PRINTABLE_ASCII.test(value));
  if (!odd) return { check: 'names', value: 'printable ASCII' };
  const value = JSON.stringify(odd[1].slice(0, 100));
  return rejectUnless(false, 'names', value, `${odd[0]} ${value} has characters that Security Hub never uses in names`);
};

const id: Check<Candidate> = (candidate) => {
  const { Id } = candidate.finding;
  const reason = foreignId(Id, productOf(candidate), candidate.finding.AwsAccountId);
  return resultOf('Id', Id, reason === undefined ? undefined : { route: 'reject', reason });
};

const excludedAccounts: Check<Candidate> = (candidate) => {
  const { AwsAccountId: account } = candidate.finding;
  const passed = !candidate.facts.organization.excluded.includes(account);
  return leaveUnless(candidate, passed, 'excluded accounts', account, `account ${account} is excluded`);
};

const membership: Check<Candidate> = (candidate) => {
  const { AwsAccountId: account } = candidate.finding;
  const passed = candidate.facts.organization.status !== undefined;
  const reason = `account ${account} is not in the organization`;
  return leaveUnless(candidate, passed, 'member of the organization', account, reason);
};

const accountState: Check<Candidate> = (candidate) => {
  const { status = 'unknown' } = candidate.facts.organization;
  const reason = `account ${candidate.finding.AwsAccountId} is ${status}`;
  return leaveUnless(candidate, status === 'ACTIVE', 'state of the account', status, reason);
};

/** A person's replay ends as ignored, which ends an earlier failure in the account. Anything else may be forged. */
const leaveUnless = ({ event }: Candidate, ...result: Parameters<typeof rejectUnless>) =>
  event.askedBy === undefined ? rejectUnless(...result) : ignoreUnless(...result);

const resources: Check<Candidate> = (candidate) =>
  candidate.finding.Resources.map((resource): CheckResult => {
    const reason = foreignResource(resource, productOf(candidate), candidate.finding.AwsAccountId);
    return resultOf('resource', resource.Id, reason === undefined ? undefined : { route: 'reject', reason });
  });

/** Checks of the account, which need nothing else of the finding. */
export const ACCOUNT_CHECKS: readonly Check<Candidate>[] = [excludedAccounts, membership, accountState];

/** Checks of the finding itself, whichever way it came. */
export const FINDING_CHECKS: readonly Check<Candidate>[] = [
  productArn,
  partition,
  region,
  names,
  id,
  ...ACCOUNT_CHECKS,
  resources,
];

export const GENUINENESS_CHECKS: readonly Check<Candidate>[] = [
  eventSource,
  detailType,
  eventAccount,
  eventRegion,
  ...FINDING_CHECKS,
  handledRegions,
];

const unknownCharacters = (id: string): string =>
  id === ''
    ? 'it is empty'
    : [...new Set(id)]
        .filter((each) => !RESOURCE_ID.test(each))
        .slice(0, 10)
        .map((each) => JSON.stringify(each))
        .join(' ');

type Product = { readonly partition: string; readonly region: string };

const productOf = ({ finding }: Candidate): Product =>
  SECURITY_HUB_PRODUCT.exec(finding.ProductArn)!.groups as unknown as Product;

function foreignId(findingId: string, product: Product, account: string): string | undefined {
  const [arn, idPartition, service, idRegion, idAccount] = findingId.split(':');
  if (arn !== 'arn' || service !== 'securityhub') return `Id "${findingId}" is not an ARN of Security Hub`;
  if (idPartition !== product.partition) return `Id is of partition ${idPartition}, ProductArn of ${product.partition}`;
  if (idRegion !== product.region) return `Id is of ${idRegion}, ProductArn of ${product.region}`;
  return idAccount === account ? undefined : `Id is of account ${idAccount}, AwsAccountId is ${account}`;
}

/** An organization is in one partition, and so is its home Region. */
function partitionOf(homeRegion: string): string {
  if (homeRegion.startsWith('cn-')) return 'aws-cn';
  return homeRegion.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

function foreignResource(
  { Id, Partition, Region }: FindingResource,
  { partition, region }: Product,
  account: string,
): string | undefined {
  if (!RESOURCE_ID.test(Id))
    return `resource ${JSON.stringify(Id.slice(0, 100))} has characters that Suture takes in no id: ${unknownCharacters(Id)}`;
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
  const ownRegion = Region ?? region;
  if (arnRegion && arnRegion !== ownRegion) return `resource "${Id}" is of ${arnRegion}, the finding of ${ownRegion}`;
  return undefined;
}
