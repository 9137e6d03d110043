/** Denials of calls in Suture's own accounts, as AWS's text names them. Pure. */
import { type InstallationId, namesOf } from './names.ts';

/** Articles end with the paragraph of this name, because a deployment does not remove such a policy. */
export const FOREIGN_POLICIES = 'docs/runbook.md#foreign-policies';

export type OwnDenial = {
  readonly account: string;
  /** A role of Suture's own accounts. */
  readonly role: string;
  readonly action: string | undefined;
  /** A policy on the role itself denies: `with an explicit deny in an identity-based policy`. */
  readonly isForeignPolicy: boolean;
  /** The end of AWS's text, such as `with an explicit deny in a service control policy`. */
  readonly because: string | undefined;
};

const CALLER = /arn:aws[\w-]*:sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\//;
const ACTION = /not authorized to perform: ([\w-]+:\w+)/i;
const BECAUSE = /(with an explicit deny in an? [\w\s-]*?policy|because no [\w\s-]*?policy allows)/;

/** Returns undefined if the text names no denied role of Suture's own: those of member accounts have their own causes. */
export function ownDenial(text: string, installation: InstallationId): OwnDenial | undefined {
  const { own, memberRole, ipRangesMemberRole } = namesOf(installation);
  const [, account, role] = CALLER.exec(text) ?? [];
  if (account === undefined || role === undefined || !/not authorized/i.test(text)) return undefined;
  const isMember = [memberRole, ipRangesMemberRole].some((name) => role === name || role.startsWith(`${name}-`));
  if (isMember || !role.startsWith(own(''))) return undefined;
  const because = BECAUSE.exec(text)?.[1];
  const isForeignPolicy = because?.includes('explicit deny in an identity-based policy') ?? false;
  return { account, role, action: ACTION.exec(text)?.[1], isForeignPolicy, because };
}

/** Returns the sentence about a policy that denies, without its full stop: no deployment takes it off. */
export const takeOffPolicy = (role: string): string =>
  `Somebody put a policy that denies on the role ${role}, and no deployment removes it: aws iam list-role-policies --role-name ${role}, then take it off (${FOREIGN_POLICIES})`;
