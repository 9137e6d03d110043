import type { IamPolicy } from '../../authorization/policy.ts';
import type { At, StateKey } from '../../kernel/kernel.ts';

export type AccountRecord = {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly email: string;
  status: 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE';
  parent: string;
  readonly joinedAt: Date;
  tags: Map<string, string>;
};
export type UnitRecord = { readonly id: string; readonly arn: string; readonly name: string; readonly parent: string };
export type ScpRecord = { readonly id: string; readonly arn: string; readonly name: string; document: IamPolicy };

export type OrganizationState = {
  organization?: {
    readonly id: string;
    readonly arn: string;
    readonly managementAccount: string;
    readonly root: string;
  };
  units: Map<string, UnitRecord>;
  accounts: Map<string, AccountRecord>;
  delegated: Map<string, Map<string, Date>>;
  trusted: Set<string>;
  policies: Map<string, ScpRecord>;
  attached: Map<string, string[]>;
};

export type OrganizationsAt = At<OrganizationState>;

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
