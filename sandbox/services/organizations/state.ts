/** The organization: accounts and units in a tree, and the policies attached to them. */
import type { IamPolicy } from '../../authorization/policy.ts';
import type { At, StateKey } from '../../kernel/kernel.ts';

export type AccountRecord = {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly email: string;
  status: 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE';
  /** Id of its root or unit. */
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
  /** Delegated administrators with their dates, by service principal. */
  delegated: Map<string, Map<string, Date>>;
  /** Service principals with trusted access. */
  trusted: Set<string>;
  policies: Map<string, ScpRecord>;
  /** Ids of service control policies by target: root, unit or account. */
  attached: Map<string, string[]>;
};

export type OrganizationsAt = At<OrganizationState>;

/** The AWS managed policy that every root, unit and account starts with. */
export const FULL_ACCESS_POLICY_ID = 'p-FullAWSAccess';

export const ORGANIZATIONS: StateKey<OrganizationState> = {
  name: 'organizations',
  scope: 'partition',
  state: () => ({
    units: new Map(),
    accounts: new Map(),
    delegated: new Map(),
    trusted: new Set(),
    policies: new Map(),
    attached: new Map(),
  }),
};
