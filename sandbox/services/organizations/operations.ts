/** Organizations' operations: reading, and moving accounts; the organization is set up with the sandbox. */
import type * as sdk from '@aws-sdk/client-organizations';
import { type At, AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { pageOf } from '../requests.ts';
import { tellOfMove } from './moves.ts';
import type { AccountRecord, OrganizationState, ScpRecord, UnitRecord } from './state.ts';

type OrganizationAt = At<OrganizationState>;
type PageInput = { NextToken?: string | undefined; MaxResults?: number | undefined };

/** The organization. @throws AWSOrganizationsNotInUseException for an account outside it */
function organizationIn(at: OrganizationAt) {
  if (!at.state.organization || !at.state.accounts.has(at.account)) {
    throw new AwsError('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');
  }
  return at.state.organization;
}

/** Only the management account and delegated administrators may look around. */
function administratorIn(at: OrganizationAt) {
  const organization = organizationIn(at);
  const delegated = at.state.delegated.values().some((accounts) => accounts.has(at.account));
  if (at.account !== organization.managementAccount && !delegated) {
    throw new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
  }
  return organization;
}

function accountIn(at: OrganizationAt, id: string | undefined): AccountRecord {
  const account = at.state.accounts.get(id ?? '');
  if (!account) throw new AwsError('AccountNotFoundException', "You specified an account that doesn't exist.");
  return account;
}

function unitIn(at: OrganizationAt, id: string | undefined): UnitRecord {
  const unit = at.state.units.get(id ?? '');
  if (!unit) {
    throw new AwsError(
      'OrganizationalUnitNotFoundException',
      "You specified an organizational unit that doesn't exist.",
    );
  }
  return unit;
}

function checkParent(at: OrganizationAt, id: string | undefined): void {
  if (id === at.state.organization?.root || at.state.units.has(id ?? '')) return;
  throw new AwsError('ParentNotFoundException', "You specified parent that doesn't exist.");
}

function paged<T>(items: readonly T[], input: PageInput, size = 20) {
  const invalid = () => new AwsError('InvalidInputException', 'You specified an invalid value for NextToken.');
  const { items: shown, nextToken } = pageOf(items, input.NextToken, input.MaxResults ?? size, invalid);
  return { items: shown, ...(nextToken && { NextToken: nextToken }) };
}

const shownAccount = (account: AccountRecord): sdk.Account => ({
  Id: account.id,
  Arn: account.arn,
  Email: account.email,
  Name: account.name,
  Status: account.status,
  State: account.status === 'PENDING_CLOSURE' ? 'PENDING_CLOSURE' : account.status,
  JoinedMethod: 'CREATED',
  JoinedTimestamp: account.joinedAt,
});

const shownUnit = ({ id, arn, name }: UnitRecord): sdk.OrganizationalUnit => ({ Id: id, Arn: arn, Name: name });

const shownPolicy = ({ id, arn, name }: ScpRecord): sdk.PolicySummary => ({
  Id: id,
  Arn: arn,
  Name: name,
  Type: 'SERVICE_CONTROL_POLICY',
  AwsManaged: id === 'p-FullAWSAccess',
});

/** Decided on the ARN that the id makes, whether or not the organization has such an account. */
const onAccount = (action: string) => (input: { AccountId?: string | undefined }, at: OrganizationAt) => {
  const { organization } = at.state;
  const resource =
    organization && `${organization.arn.split(':organization/')[0]}:account/${organization.id}/${input.AccountId}`;
  return [{ action: `organizations:${action}`, resource: resource ?? '*', owner: at.account }];
};

/** Decided on the root or unit whose children are listed. */
const onParent = (action: string) => (input: { ParentId?: string | undefined }, at: OrganizationAt) => {
  const { organization, units } = at.state;
  const root =
    organization && `${organization.arn.split(':organization/')[0]}:root/${organization.id}/${organization.root}`;
  const resource = input.ParentId === organization?.root ? root : units.get(input.ParentId ?? '')?.arn;
  return [{ action: `organizations:${action}`, resource: resource ?? '*', owner: at.account }];
};

export const organizationOperations: ServiceOperations<typeof sdk, OrganizationState> = {
  DescribeOrganization: {
    run(_input, at) {
      const { id, arn, managementAccount } = organizationIn(at);
      const management = accountIn(at, managementAccount);
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
    needs: onAccount('DescribeAccount'),
    run(input, at) {
      administratorIn(at);
      return { Account: shownAccount(accountIn(at, input.AccountId)) };
    },
  },
  ListAccounts: {
    run(input, at) {
      administratorIn(at);
      const { items, ...rest } = paged([...at.state.accounts.values()], input);
      return { Accounts: items.map(shownAccount), ...rest };
    },
  },
  ListRoots: {
    run(_input, at) {
      const { id, managementAccount, root } = administratorIn(at);
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
      const { root } = administratorIn(at);
      const child = at.state.accounts.get(input.ChildId ?? '') ?? at.state.units.get(input.ChildId ?? '');
      if (!child) {
        throw new AwsError('ChildNotFoundException', 'You specified a child that does not exist.');
      }
      return { Parents: [{ Id: child.parent, Type: child.parent === root ? 'ROOT' : 'ORGANIZATIONAL_UNIT' }] };
    },
  },
  ListOrganizationalUnitsForParent: {
    needs: onParent('ListOrganizationalUnitsForParent'),
    run(input, at) {
      administratorIn(at);
      checkParent(at, input.ParentId);
      const units = [...at.state.units.values()].filter(({ parent }) => parent === input.ParentId);
      const { items, ...rest } = paged(units, input);
      return { OrganizationalUnits: items.map(shownUnit), ...rest };
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
      administratorIn(at);
      return { OrganizationalUnit: shownUnit(unitIn(at, input.OrganizationalUnitId)) };
    },
  },
  ListAccountsForParent: {
    needs: onParent('ListAccountsForParent'),
    run(input, at) {
      administratorIn(at);
      checkParent(at, input.ParentId);
      const accounts = [...at.state.accounts.values()].filter(({ parent }) => parent === input.ParentId);
      const { items, ...rest } = paged(accounts, input);
      return { Accounts: items.map(shownAccount), ...rest };
    },
  },
  MoveAccount: {
    needs: (input, at) => [
      ...onAccount('MoveAccount')(input, at),
      ...[input.SourceParentId, input.DestinationParentId].flatMap((ParentId) =>
        onParent('MoveAccount')({ ParentId }, at),
      ),
    ],
    run(input, at) {
      const { managementAccount } = organizationIn(at);
      if (at.account !== managementAccount)
        throw new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
      const account = accountIn(at, input.AccountId);
      if (account.parent !== input.SourceParentId)
        throw new AwsError('SourceParentNotFoundException', "You specified a source parent that doesn't exist.");
      const { units, organization } = at.state;
      if (input.DestinationParentId !== organization?.root && !units.has(input.DestinationParentId ?? ''))
        throw new AwsError('DestinationParentNotFoundException', "You specified a destination that doesn't exist.");
      account.parent = input.DestinationParentId!;
      tellOfMove(at.kernel, account.id);
      return {};
    },
  },
  ListTagsForResource: {
    needs: (input, at) => onAccount('ListTagsForResource')({ AccountId: input.ResourceId }, at),
    run(input, at) {
      administratorIn(at);
      const account = at.state.accounts.get(input.ResourceId ?? '');
      if (!account) throw new AwsError('TargetNotFoundException', "You specified a target that doesn't exist.");
      return { Tags: Array.from(account.tags, ([Key, Value]) => ({ Key, Value })) };
    },
  },
  ListDelegatedAdministrators: {
    run(input, at) {
      administratorIn(at);
      const services = input.ServicePrincipal === undefined ? [...at.state.delegated.keys()] : [input.ServicePrincipal];
      const since = new Map(services.flatMap((service) => [...(at.state.delegated.get(service) ?? [])]));
      const { items, ...rest } = paged([...since], input);
      const administrators = items.map(([id, date]) => ({
        ...shownAccount(accountIn(at, id)),
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
      administratorIn(at);
      if (input.Filter !== 'SERVICE_CONTROL_POLICY') return { Policies: [] };
      const ids = at.state.attached.get(input.TargetId ?? '');
      if (!ids) throw new AwsError('TargetNotFoundException', "You specified a target that doesn't exist.");
      const { items, ...rest } = paged(ids, input);
      return { Policies: items.map((id) => shownPolicy(at.state.policies.get(id)!)), ...rest };
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
      administratorIn(at);
      const policy = at.state.policies.get(input.PolicyId ?? '');
      if (!policy) throw new AwsError('PolicyNotFoundException', "You specified a policy that doesn't exist.");
      return { Policy: { PolicySummary: shownPolicy(policy), Content: JSON.stringify(policy.document) } };
    },
  },
};
