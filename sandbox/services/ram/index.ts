/**
 * AWS Resource Access Manager within one organization: resources shared with accounts, units or all of it. Invitations to
 * accounts outside are not modelled.
 * Source: AWS RAM API reference.
 */
import * as sdk from '@aws-sdk/client-ram';
import { type At, AwsError, defineService, type Kernel, type Need } from '../../kernel/kernel.ts';
import { organizationOf, pathTo } from '../organizations/look-up.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';

type Share = {
  readonly arn: string;
  readonly name: string;
  readonly owner: string;
  readonly region: string;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly resources: readonly string[];
  readonly principals: readonly string[];
};
/** By ARN, of all accounts. */
type RamState = { readonly shares: Map<string, Share> };
type Here = At<RamState>;
const PAGE = 500;

export const ram = defineService<typeof sdk, RamState>({
  name: 'ram',
  sdk,
  client: sdk.RAMClient,
  prefix: 'ram',
  scope: 'partition',
  state: () => ({ shares: new Map() }),
  operations: {
    CreateResourceShare: {
      needs: (input, at) => [requested('CreateResourceShare', '*', input, at)],
      run: (input, at) => {
        onlyMembers('CreateResourceShare', input, [
          'name',
          'resourceArns',
          'principals',
          'tags',
          'allowExternalPrincipals',
        ]);
        if (input.allowExternalPrincipals !== false) throw notModelled('shares with accounts outside the organization');
        const { account: owner, region } = at;
        const share: Share = {
          arn: `arn:${at.partition}:ram:${region}:${owner}:resource-share/${at.kernel.uuid()}`,
          name: input.name ?? '',
          owner,
          region,
          createdAt: at.kernel.clock.now(),
          tags: Object.fromEntries((input.tags ?? []).map(({ key, value }) => [key ?? '', value ?? ''])),
          resources: [],
          principals: [],
        };
        const made = associated(share, input, at);
        return { resourceShare: shown(made) };
      },
    },
    AssociateResourceShare: {
      needs: (input, at) => {
        const share = at.state.shares.get(input.resourceShareArn ?? '');
        const need = requested('AssociateResourceShare', input.resourceShareArn ?? '*', input, at);
        return [{ ...need, resourceTags: share?.tags ?? {} }];
      },
      run: (input, at) => {
        onlyMembers('AssociateResourceShare', input, ['resourceShareArn', 'resourceArns', 'principals']);
        const share = at.state.shares.get(input.resourceShareArn ?? '');
        if (share?.owner !== at.account)
          throw new AwsError('UnknownResourceException', `ResourceShare ${input.resourceShareArn} could not be found.`);
        const after = associated(share, input, at);
        return { resourceShareAssociations: associations(after) };
      },
    },
    GetResourceShares: {
      run: (input, at) => {
        onlyMembers('GetResourceShares', input, [
          'resourceOwner',
          'name',
          'resourceShareArns',
          'resourceShareStatus',
          'nextToken',
          'maxResults',
        ]);
        const found = visible(input.resourceOwner, at).filter(
          ({ arn, name }) =>
            (input.name === undefined || input.name === name) && (input.resourceShareArns?.includes(arn) ?? true),
        );
        const active = (input.resourceShareStatus ?? 'ACTIVE') === 'ACTIVE' ? found : [];
        const page = paged(active, input);
        return { resourceShares: page.items.map(shown), nextToken: page.nextToken };
      },
    },
    GetResourceShareAssociations: {
      run: (input, at) => {
        onlyMembers('GetResourceShareAssociations', input, [
          'associationType',
          'resourceShareArns',
          'nextToken',
          'maxResults',
        ]);
        const own = visible('SELF', at).filter(({ arn }) => input.resourceShareArns?.includes(arn) ?? true);
        const wanted = own.flatMap(associations).filter((one) => one.associationType === input.associationType);
        const page = paged(wanted, input);
        return { resourceShareAssociations: page.items, nextToken: page.nextToken };
      },
    },
  },
});

/** Owners of what this account may use in this Region because somebody shares it, by the resource's ARN. */
export function sharedWith(kernel: Kernel, account: string, region: string): Map<string, string> {
  const shares = [...stateOf(kernel).shares.values()].filter(
    (share) => share.region === region && share.owner !== account && includes(kernel, share, account),
  );
  return new Map(shares.flatMap(({ resources, owner }) => resources.map((resource) => [resource, owner] as const)));
}

/** Accounts that a resource is shared with. */
export const sharers = (kernel: Kernel, resource: string): string[] =>
  [...organizationOf(kernel).accounts.keys()].filter((account) =>
    [...stateOf(kernel).shares.values()].some(
      (share) => share.owner !== account && share.resources.includes(resource) && includes(kernel, share, account),
    ),
  );

const stateOf = (kernel: Kernel): RamState =>
  kernel.state(ram, { partition: kernel.partition, account: '', region: 'us-east-1' });

function includes(kernel: Kernel, { principals }: Share, account: string): boolean {
  const state = organizationOf(kernel);
  const above = new Set(pathTo(state, account));
  return principals.some(
    (principal) =>
      principal === account ||
      principal.split(':organization/')[1] === state.organization?.id ||
      above.has(principal.split('/').at(-1)!),
  );
}

type Associated = { readonly resourceArns?: string[]; readonly principals?: string[] };

function associated(share: Share, { resourceArns = [], principals = [] }: Associated, at: Here): Share {
  for (const principal of principals) checkPrincipal(principal, at.kernel);
  for (const arn of resourceArns)
    if (arn.split(':')[4] !== at.account || arn.split(':')[3] !== at.region)
      throw new AwsError('UnknownResourceException', `Resource ${arn} could not be found.`);
  const after = {
    ...share,
    resources: [...new Set([...share.resources, ...resourceArns])],
    principals: [...new Set([...share.principals, ...principals])],
  };
  at.state.shares.set(after.arn, after);
  return after;
}

/** https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html */
function checkPrincipal(principal: string, kernel: Kernel): void {
  const { organization, accounts, units, trusted } = organizationOf(kernel);
  const name = principal.split('/').at(-1)!;
  if (!/^(\d{12}|arn:[\w-]+:organizations::\d{12}:(organization|ou)\/.+)$/.test(principal))
    throw new AwsError(
      'InvalidParameterException',
      `Principal ID ${principal} is malformed. Verify the ID and try again.`,
    );
  if (!trusted.has('ram.amazonaws.com'))
    throw new AwsError(
      'InvalidParameterException',
      'The resource you are attempting to share can only be shared within your AWS Organization. This error may also occur if you have not enabled sharing with your AWS organization, or that onboarding process is still in progress.',
    );
  if (principal.includes(':organization/') && name !== organization?.id)
    throw new AwsError('UnknownResourceException', `Organization ${name} could not be found.`);
  if (principal.includes(':ou/') && !units.has(name))
    throw new AwsError('UnknownResourceException', `OrganizationalUnit ${name} could not be found.`);
  if (/^\d{12}$/.test(principal) && !accounts.has(principal))
    throw new AwsError(
      'OperationNotPermittedException',
      `The resource share does not allow external principals, and ${principal} is outside of your organization.`,
    );
}

const visible = (owner: string | undefined, at: Here): Share[] =>
  [...at.state.shares.values()].filter(
    (share) =>
      share.region === at.region &&
      (owner === 'SELF'
        ? share.owner === at.account
        : share.owner !== at.account && includes(at.kernel, share, at.account)),
  );

const requested = (action: string, resource: string, input: Associated & { tags?: sdk.Tag[] }, at: Here): Need => ({
  action: `ram:${action}`,
  resource,
  context: {
    'ram:RequestedResourceType': [...new Set((input.resourceArns ?? []).map(typeOf))],
    'ram:ResourceArn': input.resourceArns ?? [],
    'ram:Principal': input.principals ?? [],
    ...(action === 'CreateResourceShare' && { 'ram:RequestedAllowsExternalPrincipals': 'false' }),
    ...Object.fromEntries((input.tags ?? []).map(({ key, value }) => [`aws:RequestTag/${key}`, value ?? ''])),
    ...(input.tags && { 'aws:TagKeys': input.tags.map(({ key }) => key ?? '') }),
  },
  owner: at.account,
});

/** `ec2:PrefixList` of `arn:aws:ec2:…:prefix-list/pl-…`. */
const typeOf = (arn: string): string => {
  const [, , service, , , resource = ''] = arn.split(':');
  const words = resource.split('/')[0]!.split('-');
  return `${service}:${words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('')}`;
};

const shown = (share: Share): sdk.ResourceShare => ({
  resourceShareArn: share.arn,
  name: share.name,
  owningAccountId: share.owner,
  allowExternalPrincipals: false,
  status: 'ACTIVE',
  creationTime: new Date(share.createdAt),
  tags: Object.entries(share.tags).map(([key, value]) => ({ key, value })),
});

const associations = (share: Share): sdk.ResourceShareAssociation[] =>
  [
    ...share.resources.map((entity) => ['RESOURCE', entity] as const),
    ...share.principals.map((entity) => ['PRINCIPAL', entity] as const),
  ].map(([associationType, associatedEntity]) => ({
    resourceShareArn: share.arn,
    resourceShareName: share.name,
    associationType,
    associatedEntity,
    status: 'ASSOCIATED',
    external: false,
  }));

const paged = <T>(items: readonly T[], { nextToken, maxResults }: { nextToken?: string; maxResults?: number }) =>
  pageOf(
    items,
    nextToken,
    maxResults ?? PAGE,
    () => new AwsError('InvalidNextTokenException', 'The specified value for NextToken is not valid.'),
  );
