/**
 * Calls that IAM authorizes on a further resource: the service authorization reference requires two resource types, or
 * the service asks for a second action, such as iam:PassRole.
 */
import type { Need } from '../kernel/kernel.ts';
import { type RecordAt, type RecordFields, recordArn } from './record.ts';

/**
 * The ARN of a further resource. Names in braces are filled in from members of the request; a member that is itself an
 * ARN replaces the whole.
 */
export type BesideResource<I> =
  | string
  | {
      readonly arn: string;
      /** Default: the operation's own. */
      readonly action?: string;
      /** AWS checks the permission only if the request has this member. */
      readonly with?: keyof I & string;
      /** Returns the ARN, if members alone do not give it: that of a key that the request names by its alias. */
      readonly resource?: (input: I, at: RecordAt) => string;
      readonly context?: Need['context'];
    };

/** An action other than the operation's, and the ARN of its resource. */
export type BesideAction = { readonly action: string; readonly arn: string };

export const ownBesideArns = <I>(beside: readonly BesideResource<I>[]): string[] =>
  beside.map(detailed).flatMap(({ action, arn }) => (action ? [] : [arn]));

export const besideActions = <I>(beside: readonly BesideResource<I>[]): BesideAction[] =>
  beside.map(detailed).flatMap(({ action, arn }) => (action ? [{ action, arn }] : []));

/** Returns the further needs of a call. Those without an action need the operation's own. */
export const besideNeeds = <I extends object>(
  beside: readonly BesideResource<I>[],
  input: I,
  at: RecordAt,
): (Omit<Need, 'action'> & Partial<Pick<Need, 'action'>>)[] =>
  beside.map(detailed).flatMap(({ arn, action, with: member, resource, context }) => {
    const fields = input as RecordFields;
    if (member && fields[member] === undefined) return [];
    return [
      {
        resource: resource?.(input, at) ?? filledArn(arn, fields, at),
        ...(action && { action }),
        ...(context && { context }),
      },
    ];
  });

const detailed = <I>(resource: BesideResource<I>): Exclude<BesideResource<I>, string> =>
  typeof resource === 'string' ? { arn: resource } : resource;

function filledArn(arn: string, fields: RecordFields, at: RecordAt): string {
  const given = [...arn.matchAll(/\{(\w+)\}/g)].map(([, name]) => fields[name!]);
  const whole = given.find((value) => typeof value === 'string' && value.startsWith('arn:'));
  return (whole as string | undefined) ?? recordArn({ arn }, at, '*', fields);
}
