/** Resources that are plain records: each is shown as it is stored, with its id and its tags. */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { ec2Need } from './needs.ts';
import { applyFilters, checkIdForm, type Ec2IdPrefix, ec2Page, type FilterValues } from './requests.ts';
import type { Ec2At, Ec2State, PlainEc2Record } from './state.ts';
import { describeTags, tagNewResource } from './tags.ts';

export type Ec2Kind<R extends object, P extends PlainEc2Record<R> = PlainEc2Record<R>> = {
  readonly records: (state: Ec2State) => Map<string, P>;
  /** The member that shows the id. */
  readonly id: keyof R & string;
  readonly prefix: Ec2IdPrefix;
  /** IAM's type of the resource. */
  readonly type: string;
  /** AWS's error for an unknown id. */
  readonly missing: string;
  readonly filters: FilterValues<P>;
};

export function existingEc2<R extends object, P extends PlainEc2Record<R>>(
  { records, prefix, missing, type }: Ec2Kind<R, P>,
  id: string | undefined,
  at: Ec2At,
): P {
  checkIdForm(id ?? '', prefix);
  const record = records(at.state).get(id!);
  if (record) return record;
  throw new AwsError(missing, `The ${type} ID '${id}' does not exist`);
}

export const newEc2Id = ({ prefix }: Pick<Ec2Kind<object>, 'prefix'>, at: Ec2At): string => at.kernel.id(prefix, 17);

export function storeEc2<R extends object, P extends PlainEc2Record<R>>(
  { records }: Pick<Ec2Kind<R, P>, 'records'>,
  record: P,
  at: Ec2At,
  tags?: readonly sdk.TagSpecification[],
): P {
  records(at.state).set(record.id, record);
  if (tags) tagNewResource(record.id, tags, at);
  return record;
}

/** Returns the resource that an earlier request with this token created, or creates one. */
export function createdOnce<P extends { readonly id: string }>(
  records: ReadonlyMap<string, P>,
  token: string | undefined,
  at: Ec2At,
  create: () => P,
): P {
  const { clientTokens } = at.state;
  const existing = records.get(clientTokens.get(token ?? '') ?? '');
  if (existing) return existing;
  const created = create();
  if (token) clientTokens.set(token, created.id);
  return created;
}

export function removeEc2<R extends object, P extends PlainEc2Record<R>>(
  { records }: Ec2Kind<R, P>,
  { id }: P,
  at: Ec2At,
): void {
  records(at.state).delete(id);
  at.state.tags.delete(id);
}

export const shownEc2 = <R extends object, P extends PlainEc2Record<R>>(
  { id }: Ec2Kind<R, P>,
  record: P,
  at: Ec2At,
): R => ({ [id]: record.id, ...record.fields, Tags: describeTags(record.id, at) }) as R;

/** Returns the need of one resource; `*` for one that does not exist yet. */
export const ec2KindNeed = (
  action: string,
  { type }: Pick<Ec2Kind<object>, 'type'>,
  id: string | undefined,
  at: Ec2At,
  context: Need['context'] = {},
): Need => {
  const need = ec2Need(action, type, id ?? '*', at);
  return { ...need, context: { ...need.context, ...context } };
};

export type Ec2List = {
  readonly ids: readonly string[] | undefined;
  readonly Filters?: readonly sdk.Filter[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
};

/** Returns a page of the resources that a request names, or of all. */
export function listedEc2<R extends object, P extends PlainEc2Record<R>>(
  kind: Ec2Kind<R, P>,
  { ids, Filters, ...page }: Ec2List,
  at: Ec2At,
): { items: P[]; nextToken?: string } {
  const named = ids?.length ? ids.map((id) => existingEc2(kind, id, at)) : kind.records(at.state).values();
  return ec2Page(applyFilters(named, Filters, kind.filters, at), page);
}
