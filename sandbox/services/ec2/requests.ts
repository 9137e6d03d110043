import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError, type Need, type ServiceOperation, type ServiceOperations } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';
import { tagNeeds, withRequestTags } from './needs.ts';
import type { Ec2At, Ec2State, Ec2Tags } from './state.ts';

export type Ec2Operations = ServiceOperations<typeof sdk, Ec2State>;

const DESCRIBE_QUOTA = { rate: 20, burst: 100 };
const CHANGE_QUOTA = { rate: 5, burst: 50 };
const DEFAULT_PAGE_SIZE = 1000;

/** Operations have these members, or some of them. */
type Ec2Request = { DryRun?: boolean; TagSpecifications?: sdk.TagSpecification[] };

type Members<I> = readonly (keyof I & string)[];

export const ec2Read = <I extends object, O>(
  name: string,
  members: Members<NoInfer<I>>,
  run: (input: I, at: Ec2At) => O,
  needs?: (input: I, at: Ec2At) => readonly Need[],
): ServiceOperation<I, O, Ec2State> => ({
  ...(needs && { needs }),
  quota: DESCRIBE_QUOTA,
  run: withDryRun(name, members, run),
});

export const ec2Change = <I extends object, O>(
  name: string,
  members: Members<NoInfer<I>>,
  needs: (input: I, at: Ec2At) => readonly Need[],
  run: (input: I, at: Ec2At) => O,
): ServiceOperation<I, O, Ec2State> => ({
  needs: (input, at) => {
    const { TagSpecifications } = input as Ec2Request;
    if (TagSpecifications?.some(({ Tags = [] }) => Tags.length === 0))
      throw invalidEc2Parameter('Tag specification must have at least one tag');
    const tags = TagSpecifications?.flatMap((specification) => specification.Tags ?? []);
    const operationNeeds = needs(input, at).map((need) => (tags ? withRequestTags(need, tags) : need));
    return [...operationNeeds, ...tagNeeds(name, TagSpecifications, at)];
  },
  quota: CHANGE_QUOTA,
  run: withDryRun(name, members, run),
});

const withDryRun =
  <I extends object, O>(name: string, members: Members<I>, run: (input: I, at: Ec2At) => O) =>
  (input: I, at: Ec2At): O => {
    onlyMembers<I & Ec2Request>(name, input, [...members, 'DryRun']);
    if ((input as Ec2Request).DryRun)
      throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
    return run(input, at);
  };

export const invalidEc2Parameter = (message: string): AwsError => new AwsError('InvalidParameterValue', message);
export const missingEc2Parameter = (parameter: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${parameter}`);

/** AWS's own spelling of `ID` differs by type. https://docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html */
const MALFORMED = {
  'acl-': 'InvalidNetworkAclId.Malformed',
  'ami-': 'InvalidAMIID.Malformed',
  'eni-': 'InvalidNetworkInterfaceId.Malformed',
  'pl-': 'InvalidPrefixListId.Malformed',
  'sg-': 'InvalidGroupId.Malformed',
  'sgr-': 'InvalidSecurityGroupRuleId.Malformed',
  'subnet-': 'InvalidSubnetID.Malformed',
  'vpc-': 'InvalidVpcID.Malformed',
  'fl-': 'InvalidFlowLogId.Malformed',
  'i-': 'InvalidInstanceID.Malformed',
  'snap-': 'InvalidSnapshotID.Malformed',
  'tgw-': 'InvalidTransitGatewayID.Malformed',
  'vol-': 'InvalidParameterValue',
} as const;

export type Ec2IdPrefix = keyof typeof MALFORMED;

/** @throws AwsError for an id that EC2 could not have generated */
export function checkIdForm(id: string, prefix: Ec2IdPrefix): void {
  if (new RegExp(`^${prefix}([0-9a-f]{8}|[0-9a-f]{17})$`).test(id)) return;
  throw new AwsError(MALFORMED[prefix], `Invalid id: "${id}" (expecting "${prefix}...")`);
}

/**
 * Returns one page of the items. `MaxResults` is 5 to 1000, by default 1000.
 * @throws AwsError InvalidParameterValue, InvalidNextToken
 */
export function ec2Page<T>(
  items: readonly T[],
  input: { MaxResults?: number; NextToken?: string },
): { items: T[]; nextToken?: string } {
  const size = input.MaxResults ?? DEFAULT_PAGE_SIZE;
  if (size < 5)
    throw invalidEc2Parameter(
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value greater than 5.`,
    );
  if (size > 1000)
    throw invalidEc2Parameter(
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value less than or equal to 1000.`,
    );
  return pageOf(
    items,
    input.NextToken,
    size,
    () => new AwsError('InvalidNextToken', 'The specified NextToken is not valid.'),
  );
}

export type FilterValues<T> = Readonly<
  Record<string, (item: T) => readonly (string | undefined)[] | string | undefined>
>;

/**
 * Returns the items that match every filter. A filter matches any of its values, with the wildcards `*` and `?`. `tag:`
 * and `tag-key` need no entry in `values`.
 */
export function applyFilters<T extends { readonly id: string }>(
  items: Iterable<T>,
  filters: readonly sdk.Filter[] | undefined,
  values: FilterValues<T>,
  at: Ec2At,
): T[] {
  const conditions = (filters ?? []).map(({ Name = '', Values = [] }) => ({
    name: Name,
    patterns: Values.map(wildcardPattern),
  }));
  return [...items].filter((item) =>
    conditions.every((filter) => matches(item, filter, values, at.state.tags.get(item.id) ?? {})),
  );
}

type FilterCondition = { readonly name: string; readonly patterns: readonly RegExp[] };

function matches<T>(item: T, { name, patterns }: FilterCondition, values: FilterValues<T>, tags: Ec2Tags): boolean {
  const itemValues = [valuesFor(name, item, values, tags)].flat();
  return itemValues.some((value) => value !== undefined && patterns.some((pattern) => pattern.test(value)));
}

function valuesFor<T>(name: string, item: T, values: FilterValues<T>, tags: Ec2Tags) {
  if (name === 'tag-key') return Object.keys(tags);
  if (name.startsWith('tag:')) return tags[name.slice(4)];
  const value = values[name];
  if (!value) throw notModelled(`the EC2 filter ${name}`);
  return value(item);
}

const wildcardPattern = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
    's',
  );
