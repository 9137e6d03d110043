/** The verbs of a table, and the permissions that their calls need. */
import type {
  AwsError,
  InputOf,
  Need,
  OperationName,
  OutputOf,
  ServiceOperation,
  ServiceOperations,
} from '../kernel/kernel.ts';
import { type BesideAction, type BesideResource, besideActions, besideNeeds, ownBesideArns } from './beside.ts';
import {
  findRecord,
  idInArn,
  type RecordAt,
  type RecordKind,
  type RecordState,
  recordArn,
  type StoredRecord,
} from './record.ts';
import { anythingIn, checkMembers, type MemberRules, type RuledRequest } from './rules.ts';

export type RecordOperation<I, O> = ServiceOperation<I, O, RecordState> & {
  /** The ARNs of the resources that the permission may name, as in the kinds; `*` for the account. */
  readonly arns: readonly string[];
  /** Further actions that the call needs, such as iam:PassRole. */
  readonly besideActions?: readonly BesideAction[];
  /** IAM's action, if it has another name than the operation. */
  readonly action?: string;
  /** A call names one resource, of any of the types that IAM's data has, such as the one to tag. */
  readonly ofOneType?: boolean;
  /** Every other member of a request is refused by name. */
  readonly members: readonly string[];
};

/** An operation that does not know its name yet. */
export type RecordVerb<I, O> = (action: RecordAction) => RecordOperation<I, O>;
export type RecordAction = { readonly prefix: string; readonly operation: string };

type RecordVerbs<M> = { readonly [K in OperationName<M>]?: RecordVerb<InputOf<M, K>, OutputOf<M, K>> };

/** Makes operations of verbs by their names. */
export const recordOperations = <M>(prefix: string, verbs: RecordVerbs<M>): ServiceOperations<M, RecordState> =>
  Object.fromEntries(
    Object.entries(verbs).map(([operation, verb]) => [
      operation,
      (verb as RecordVerb<unknown, unknown>)({ prefix, operation }),
    ]),
  ) as unknown as ServiceOperations<M, RecordState>;

export type VerbDetails<I, O> = {
  readonly rules: MemberRules<I>;
  readonly invalid: (message: string) => AwsError;
  /** Default: IAM's action has the operation's name. */
  readonly action?: string;
  readonly ofOneType?: boolean;
  readonly arns: readonly string[];
  /** Further resources on which IAM authorizes the call. */
  readonly beside?: readonly BesideResource<I>[] | undefined;
  readonly needs: (input: I, at: RecordAt) => readonly Omit<Need, 'action'>[];
  readonly run: (input: I, at: RecordAt) => O;
};

/** Checks the members of a request before it runs. */
export const verb =
  <I extends object, O>(details: VerbDetails<I, O>): RecordVerb<I, O> =>
  ({ prefix, operation }) => {
    const { rules, invalid, action, ofOneType, arns, beside = [], needs, run } = details;
    const request: RuledRequest = { operation, invalid };
    return {
      arns: [...arns, ...ownBesideArns(beside)],
      besideActions: besideActions(beside),
      members: Object.keys(rules),
      ...(action && { action }),
      ...(ofOneType && { ofOneType }),
      needs: (input, at) =>
        [...needs(input, at), ...besideNeeds(beside, input, at)].map((need) => ({
          action: action ?? `${prefix}:${operation}`,
          ...need,
        })),
      run: (input, at) => {
        checkMembers(input, rules, request);
        return run(input, at);
      },
    };
  };

/**
 * Returns the need of one record.
 * @param created the record that the call is about to create
 * @throws AwsError of a missing record, if its ARN does not follow from its id
 */
export const recordNeed = (
  kind: RecordKind,
  id: string,
  at: RecordAt,
  context: Need['context'] = {},
  created?: Pick<StoredRecord, 'fields' | 'tags'>,
): Omit<Need, 'action'> => {
  const record = id === '*' ? undefined : findRecord(kind, id, at);
  const described = record ?? created;
  if (!described && id !== '*' && hasFurtherFields(kind)) throw kind.missing(id);
  return {
    resource: record?.arn ?? (id.startsWith('arn:') ? id : recordArn(kind, at, id, created?.fields)),
    resourceTags: record?.tags ?? {},
    context: { ...(described && kind.conditions?.(described)), ...context },
  };
};

/** The id alone does not give the ARN of such a record: AWS has to find it before it can authorize the call. */
const hasFurtherFields = ({ arn }: RecordKind): boolean =>
  [...arn.matchAll(/\{(\w+)\}/g)].some(([, name]) => !['partition', 'region', 'account', 'id'].includes(name!));

/** Returns the id of the record that a request names, by id or ARN as the kind allows; '' if it names none. */
export function idGiven(kind: RecordKind, given: unknown): string {
  const text = String(given ?? '');
  const byArn = kind.namedBy && kind.namedBy !== 'id' ? idInArn(kind, text) : undefined;
  const id = byArn ?? text;
  return kind.normalId?.(id) ?? id;
}

/**
 * The member by which the request names the record, if it is not `id` of the kind: `WorkGroup` in UpdateWorkGroup of
 * Athena, of what CreateWorkGroup calls `Name`.
 */
export type Named<I> = { readonly named?: keyof NoInfer<I> & string };

/** Returns the rule of that member, and how the id is read from it. */
export const recordNaming = <I extends object>(
  kind: RecordKind,
  { named = kind.id as keyof I & string }: Named<I>,
) => ({
  rules: anythingIn<I>([named]),
  id: (input: I): string => idGiven(kind, input[named]),
});
