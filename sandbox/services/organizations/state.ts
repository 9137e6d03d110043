/** What the organization holds: accounts and units in a tree, and the policies on them. */
import type { IamPolicy } from '../../authorization/policy.ts';

export type AccountRecord = {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly email: string;
  status: 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE';
  /** Id of the root or unit that holds it. */
  parent: string;
  readonly joinedAt: Date;
  tags: Map<string, string>;
};
export type UnitRecord = { readonly id: string; readonly arn: string; readonly name: string; readonly parent: string };
export type ScpRecord = { readonly id: string; readonly arn: string; readonly name: string; document: IamPolicy };

export type OrganizationState = {
  /** Undefined outside an organization. */
  organization?: {
    readonly id: string;
    readonly arn: string;
    readonly managementAccount: string;
    readonly root: string;
  };
  units: Map<string, UnitRecord>;
  accounts: Map<string, AccountRecord>;
  /** Accounts that act for the organization, by service principal. */
  delegated: Map<string, Map<string, Date>>;
  /** Service principals that have trusted access to the organization. */
  trusted: Set<string>;
  policies: Map<string, ScpRecord>;
  /** Ids of service control policies by target: root, unit or account. */
  attached: Map<string, string[]>;
};

/** The AWS managed policy that every root, unit and account starts with. */
export const fullAccess = 'p-FullAWSAccess';
