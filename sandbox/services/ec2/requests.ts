/**
 * What all operations of EC2 share: dry run, quotas, filters and pages.
 */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError, type Need, type ServiceOperation, type ServiceOperations } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';
import { tagNeeds, withRequestTags } from './needs.ts';
import type { Ec2, Ec2State, Tags } from './state.ts';

export type Ec2Operations = ServiceOperations<typeof sdk, Ec2State>;

/** Request token buckets of EC2: 20 a second with a burst of 100 to describe, 5 with 50 to change. */
const DESCRIBE = { rate: 20, burst: 100, error: 'RequestLimitExceeded' };
const CHANGE = { rate: 5, burst: 50, error: 'RequestLimitExceeded' };

type Request = { DryRun?: boolean; TagSpecifications?: sdk.TagSpecification[] };
type Members<I> = readonly (keyof I & string)[];

/** A Describe or Get operation, decided against `*` unless `needs` says what. */
export const reads = <I extends Request, O>(
  name: string,
  members: Members<NoInfer<I>>,
  run: (input: I, at: Ec2) => O,
  needs?: (input: I, at: Ec2) => readonly Need[],
): ServiceOperation<I, O, Ec2State> => ({ ...(needs && { needs }), quota: DESCRIBE, run: guarded(name, members, run) });

/** An operation that changes something; tags given at creation need ec2:CreateTags on top. */
export const changes = <I extends Request, O>(
  name: string,
  members: Members<NoInfer<I>>,
  needs: (input: I, at: Ec2) => readonly Need[],
  run: (input: I, at: Ec2) => O,
): ServiceOperation<I, O, Ec2State> => ({
  needs: (input, at) => {
    const tags = input.TagSpecifications?.flatMap((specification) => specification.Tags ?? []);
    const own = needs(input, at).map((need) => (tags ? withRequestTags(need, tags) : need));
    return [...own, ...tagNeeds(name, input.TagSpecifications, at)];
  },
  quota: CHANGE,
  run: guarded(name, members, run),
});

const guarded =
  <I extends Request, O>(name: string, members: Members<I>, run: (input: I, at: Ec2) => O) =>
  (input: I, at: Ec2): O => {
    onlyMembers(name, input, [...members, 'DryRun']);
    if (input.DryRun) {
      throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
    }
    return run(input, at);
  };

export const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);
export const missing = (parameter: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${parameter}`);

/** Refuses ids that were never ids; `noun` names them in the code: `InvalidGroupId.Malformed`. */
export function checkShape(id: string, prefix: string, code: string): void {
  if (new RegExp(`^${prefix}([0-9a-f]{8}|[0-9a-f]{17})$`).test(id)) return;
  throw new AwsError(code, `Invalid id: "${id}" (expecting "${prefix}...")`);
}

/**
 * What a description page holds, EC2's way: `MaxResults` between 5 and 1000, else a thousand items.
 * @throws AwsError InvalidParameterValue, InvalidNextToken
 */
export function described<T>(
  items: readonly T[],
  input: { MaxResults?: number; NextToken?: string },
): { items: T[]; nextToken?: string } {
  const size = input.MaxResults ?? DESCRIBED_AT_ONCE;
  if (size < 5)
    throw invalid(`Value ( ${size} ) for parameter maxResults is invalid. Expecting a value greater than 5.`);
  if (size > 1000)
    throw invalid(
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value less than or equal to 1000.`,
    );
  return pageOf(
    items,
    input.NextToken,
    size,
    () => new AwsError('InvalidNextToken', 'The specified NextToken is not valid.'),
  );
}
const DESCRIBED_AT_ONCE = 1000;

/** Values that a resource shows to the filter of a name. */
type FilterValues<T> = Readonly<Record<string, (item: T) => readonly (string | undefined)[] | string | undefined>>;

/** The items that match every filter: any of its values, where `*` and `?` stand for anything. Tags can always be asked for. */
export function filtered<T extends { readonly id: string }>(
  items: Iterable<T>,
  filters: readonly sdk.Filter[] | undefined,
  values: FilterValues<T>,
  at: Ec2,
): T[] {
  const asked = (filters ?? []).map(({ Name = '', Values = [] }) => ({ name: Name, wanted: Values.map(wildcard) }));
  return [...items].filter((item) =>
    asked.every((filter) => matches(item, filter, values, at.state.tags.get(item.id) ?? {})),
  );
}

type Asked = { readonly name: string; readonly wanted: readonly RegExp[] };

function matches<T>(item: T, { name, wanted }: Asked, values: FilterValues<T>, tags: Tags): boolean {
  const found = [valuesFor(name, item, values, tags)].flat();
  return found.some((value) => value !== undefined && wanted.some((pattern) => pattern.test(value)));
}

function valuesFor<T>(name: string, item: T, values: FilterValues<T>, tags: Tags) {
  if (name === 'tag-key') return Object.keys(tags);
  if (name.startsWith('tag:')) return tags[name.slice(4)];
  const value = values[name];
  if (!value) throw notModelled(`the EC2 filter ${name}`);
  return value(item);
}

const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
    's',
  );
