/**
 * Calls that IAM authorizes on a further resource: the service authorization reference requires two resource types, or
 * the service asks for a second action, such as iam:PassRole.
 */
import type { Need } from '../kernel/kernel.ts';
import { type RecordAt, type RecordFields, recordArn } from './record.ts';

/** Its ARN, as in the kinds: names of members of the request are filled in. A member that is an ARN is the whole. */
export type BesideResource<I> =
  | string
  | {
      readonly arn: string;
      /** Default: the operation's own. */
      readonly action?: string;
      /** AWS asks only if the request has this member. */
      readonly with?: keyof I & string;
      /** Returns the ARN, if it takes more than members: a key that the request names by its alias. */
      readonly resource?: (input: I, at: RecordAt) => string;
      readonly context?: Need['context'];
    };

/** An action other than the operation's, and the ARN of what it is asked for. */
export type BesideAction = { readonly action: string; readonly arn: string };

export const ownBesideArns = <I>(beside: readonly BesideResource<I>[]): string[] =>
  beside.map(detailed).flatMap(({ action, arn }) => (action ? [] : [arn]));

export const besideActions = <I>(beside: readonly BesideResource<I>[]): BesideAction[] =>
  beside.map(detailed).flatMap(({ action, arn }) => (action ? [{ action, arn }] : []));

/** Needs without an action are of the operation's own. */
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
