/** Reads, and MoveAccount. The sandbox creates the organization when it starts. */
import type * as sdk from '@aws-sdk/client-organizations';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { pageOf } from '../requests.ts';
import { announceMove } from './moves.ts';
import type { AccountRecord, OrganizationState, OrganizationsAt, ScpRecord, UnitRecord } from './state.ts';

type PageInput = { NextToken?: string | undefined; MaxResults?: number | undefined };

/** @throws AwsError AWSOrganizationsNotInUseException for an account outside the organization */
function requireOrganization(at: OrganizationsAt) {
  if (!at.state.organization || !at.state.accounts.has(at.account))
    throw new AwsError('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');
  return at.state.organization;
}

/** @throws AwsError AccessDeniedException unless the caller is the management account or a delegated administrator */
function requireAdministrator(at: OrganizationsAt) {
  const organization = requireOrganization(at);
  const delegated = at.state.delegated.values().some((accounts) => accounts.has(at.account));
  if (at.account !== organization.managementAccount && !delegated)
    throw new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
  return organization;
}

function findAccount(at: OrganizationsAt, id: string | undefined): AccountRecord {
  const account = at.state.accounts.get(id ?? '');
  if (!account) throw new AwsError('AccountNotFoundException', "You specified an account that doesn't exist.");
  return account;
}

function findUnit(at: OrganizationsAt, id: string | undefined): UnitRecord {
  const unit = at.state.units.get(id ?? '');
  if (!unit)
    throw new AwsError(
      'OrganizationalUnitNotFoundException',
      "You specified an organizational unit that doesn't exist.",
    );
  return unit;
}

function checkParent(at: OrganizationsAt, id: string | undefined): void {
  if (id === at.state.organization?.root || at.state.units.has(id ?? '')) return;
  throw new AwsError('ParentNotFoundException', "You specified parent that doesn't exist.");
}

function pageOfItems<T>(items: readonly T[], input: PageInput, size = 20) {
  const invalid = () => new AwsError('InvalidInputException', 'You specified an invalid value for NextToken.');
  const { items: pageItems, nextToken } = pageOf(items, input.NextToken, input.MaxResults ?? size, invalid);
  return { items: pageItems, ...(nextToken && { NextToken: nextToken }) };
}

const describeAccount = (account: AccountRecord): sdk.Account => ({
  Id: account.id,
  Arn: account.arn,
  Email: account.email,
  Name: account.name,
  Status: account.status,
  State: account.status === 'PENDING_CLOSURE' ? 'PENDING_CLOSURE' : account.status,
  JoinedMethod: 'CREATED',
  JoinedTimestamp: account.joinedAt,
});

const describeUnit = ({ id, arn, name }: UnitRecord): sdk.OrganizationalUnit => ({ Id: id, Arn: arn, Name: name });

const describePolicy = ({ id, arn, name }: ScpRecord): sdk.PolicySummary => ({
  Id: id,
  Arn: arn,
  Name: name,
  Type: 'SERVICE_CONTROL_POLICY',
  AwsManaged: id === 'p-FullAWSAccess',
});

const accountNeeds = (action: string) => (input: { AccountId?: string | undefined }, at: OrganizationsAt) => {
  const { organization } = at.state;
  const resource =
    organization && `${organization.arn.split(':organization/')[0]}:account/${organization.id}/${input.AccountId}`;
  return [{ action: `organizations:${action}`, resource: resource ?? '*', owner: at.account }];
};

const parentNeeds = (action: string) => (input: { ParentId?: string | undefined }, at: OrganizationsAt) => {
  const { organization, units } = at.state;
  const root =
    organization && `${organization.arn.split(':organization/')[0]}:root/${organization.id}/${organization.root}`;
  const resource = input.ParentId === organization?.root ? root : units.get(input.ParentId ?? '')?.arn;
  return [{ action: `organizations:${action}`, resource: resource ?? '*', owner: at.account }];
};

export const organizationOperations: ServiceOperations<typeof sdk, OrganizationState> = {
  DescribeOrganization: {
    run(_input, at) {
      const { id, arn, managementAccount } = requireOrganization(at);
      const management = findAccount(at, managementAccount);
      return {
        Organization: {
          Id: id,
          Arn: arn,
          FeatureSet: 'ALL',
          MasterAccountId: managementAccount,
          MasterAccountArn: management.arn,
          MasterAccountEmail: management.email,
          AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
        },
      };
    },
  },
  DescribeAccount: {
    needs: accountNeeds('DescribeAccount'),
    run(input, at) {
      requireAdministrator(at);
      return { Account: describeAccount(findAccount(at, input.AccountId)) };
    },
  },
  ListAccounts: {
    run(input, at) {
      requireAdministrator(at);
      const { items, ...rest } = pageOfItems([...at.state.accounts.values()], input);
      return { Accounts: items.map(describeAccount), ...rest };
    },
  },
  ListRoots: {
    run(_input, at) {
      const { id, managementAccount, root } = requireAdministrator(at);
      const arn = `arn:${at.partition}:organizations::${managementAccount}:root/${id}/${root}`;
      const PolicyTypes: sdk.PolicyTypeSummary[] = [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }];
      return { Roots: [{ Id: root, Arn: arn, Name: 'Root', PolicyTypes }] };
    },
  },
  ListParents: {
    needs: (input, at) => [
      {
        action: 'organizations:ListParents',
        resource: (at.state.accounts.get(input.ChildId ?? '') ?? at.state.units.get(input.ChildId ?? ''))?.arn ?? '*',
        owner: at.account,
      },
    ],
    run(input, at) {
      const { root } = requireAdministrator(at);
      const child = at.state.accounts.get(input.ChildId ?? '') ?? at.state.units.get(input.ChildId ?? '');
      if (!child) throw new AwsError('ChildNotFoundException', 'You specified a child that does not exist.');
      return { Parents: [{ Id: child.parent, Type: child.parent === root ? 'ROOT' : 'ORGANIZATIONAL_UNIT' }] };
    },
  },
  ListOrganizationalUnitsForParent: {
    needs: parentNeeds('ListOrganizationalUnitsForParent'),
    run(input, at) {
      requireAdministrator(at);
      checkParent(at, input.ParentId);
      const units = [...at.state.units.values()].filter(({ parent }) => parent === input.ParentId);
      const { items, ...rest } = pageOfItems(units, input);
      return { OrganizationalUnits: items.map(describeUnit), ...rest };
    },
  },
  DescribeOrganizationalUnit: {
    needs: (input, at) => [
      {
        action: 'organizations:DescribeOrganizationalUnit',
        resource: at.state.units.get(input.OrganizationalUnitId ?? '')?.arn ?? '*',
        owner: at.account,
      },
    ],
    run(input, at) {
      requireAdministrator(at);
      return { OrganizationalUnit: describeUnit(findUnit(at, input.OrganizationalUnitId)) };
    },
  },
  ListAccountsForParent: {
    needs: parentNeeds('ListAccountsForParent'),
    run(input, at) {
      requireAdministrator(at);
      checkParent(at, input.ParentId);
      const accounts = [...at.state.accounts.values()].filter(({ parent }) => parent === input.ParentId);
      const { items, ...rest } = pageOfItems(accounts, input);
      return { Accounts: items.map(describeAccount), ...rest };
    },
  },
  MoveAccount: {
    needs: (input, at) => [
      ...accountNeeds('MoveAccount')(input, at),
      ...[input.SourceParentId, input.DestinationParentId].flatMap((ParentId) =>
        parentNeeds('MoveAccount')({ ParentId }, at),
      ),
    ],
    run(input, at) {
      const { managementAccount } = requireOrganization(at);
      if (at.account !== managementAccount)
        throw new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
      const account = findAccount(at, input.AccountId);
      if (account.parent !== input.SourceParentId)
        throw new AwsError('SourceParentNotFoundException', "You specified a source parent that doesn't exist.");
      const { units, organization } = at.state;
      if (input.DestinationParentId !== organization?.root && !units.has(input.DestinationParentId ?? ''))
        throw new AwsError('DestinationParentNotFoundException', "You specified a destination that doesn't exist.");
      account.parent = input.DestinationParentId!;
      announceMove(at.kernel, account.id);
      return {};
    },
  },
  ListTagsForResource: {
    needs: (input, at) => accountNeeds('ListTagsForResource')({ AccountId: input.ResourceId }, at),
    run(input, at) {
      requireAdministrator(at);
      const account = at.state.accounts.get(input.ResourceId ?? '');
      if (!account) throw new AwsError('TargetNotFoundException', "You specified a target that doesn't exist.");
      return { Tags: Array.from(account.tags, ([Key, Value]) => ({ Key, Value })) };
    },
  },
  ListDelegatedAdministrators: {
    run(input, at) {
      requireAdministrator(at);
      const services = input.ServicePrincipal === undefined ? [...at.state.delegated.keys()] : [input.ServicePrincipal];
      const since = new Map(services.flatMap((service) => [...(at.state.delegated.get(service) ?? [])]));
      const { items, ...rest } = pageOfItems([...since], input);
      const administrators = items.map(([id, date]) => ({
        ...describeAccount(findAccount(at, id)),
        DelegationEnabledDate: date,
      }));
      return { DelegatedAdministrators: administrators, ...rest };
    },
  },
  ListPoliciesForTarget: {
    needs: (input, at) => [
      {
        action: 'organizations:ListPoliciesForTarget',
        resource: (at.state.accounts.get(input.TargetId ?? '') ?? at.state.units.get(input.TargetId ?? ''))?.arn ?? '*',
        owner: at.account,
        context: { 'organizations:PolicyType': input.Filter ?? '' },
      },
    ],
    run(input, at) {
      requireAdministrator(at);
      if (input.Filter !== 'SERVICE_CONTROL_POLICY') return { Policies: [] };
      const ids = at.state.attached.get(input.TargetId ?? '');
      if (!ids) throw new AwsError('TargetNotFoundException', "You specified a target that doesn't exist.");
      const { items, ...rest } = pageOfItems(ids, input);
      return { Policies: items.map((id) => describePolicy(at.state.policies.get(id)!)), ...rest };
    },
  },
  DescribePolicy: {
    needs: (input, at) => [
      {
        action: 'organizations:DescribePolicy',
        resource: at.state.policies.get(input.PolicyId ?? '')?.arn ?? '*',
        owner: at.account,
        context: { 'organizations:PolicyType': 'SERVICE_CONTROL_POLICY' },
      },
    ],
    run(input, at) {
      requireAdministrator(at);
      const policy = at.state.policies.get(input.PolicyId ?? '');
      if (!policy) throw new AwsError('PolicyNotFoundException', "You specified a policy that doesn't exist.");
      return { Policy: { PolicySummary: describePolicy(policy), Content: JSON.stringify(policy.document) } };
    },
  },
};
