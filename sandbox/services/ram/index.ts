/**
 * Within one organization: resources shared with accounts, units or the whole organization. Invitations to external
 * accounts are not modelled.
 * Source: AWS RAM API reference.
 */
import * as sdk from '@aws-sdk/client-ram';
import { wholeState } from '../../kernel/comparison.ts';
import { AwsError, defineService, type Kernel, type Need } from '../../kernel/kernel.ts';
import { parseArn } from '../arn.ts';
import { locateByArn } from '../locate.ts';
import { organizationState } from '../organizations/look-up.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';
import { RAM, type RamAt, type RamState, type ResourceShare, reaches } from './state.ts';

const DEFAULT_PAGE_SIZE = 500;

export const ram = defineService<typeof sdk, RamState>({
  ...RAM,
  sdk,
  client: sdk.RAMClient,
  prefix: 'ram',
  comparable: wholeState,
  locate: locateByArn({ 'resource-share/': 'shares' }),
  operations: {
    CreateResourceShare: {
      needs: (input, at) => [shareNeed('CreateResourceShare', '*', input, at)],
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
        const share: ResourceShare = {
          arn: `arn:${at.partition}:ram:${region}:${owner}:resource-share/${at.kernel.uuid()}`,
          name: input.name ?? '',
          owner,
          region,
          createdAt: at.kernel.clock.now(),
          tags: Object.fromEntries((input.tags ?? []).map(({ key, value }) => [key ?? '', value ?? ''])),
          resources: [],
          principals: [],
        };
        const created = associate(share, input, at);
        return { resourceShare: describeShare(created) };
      },
    },
    AssociateResourceShare: {
      needs: (input, at) => {
        const share = at.state.shares.get(input.resourceShareArn ?? '');
        const need = shareNeed('AssociateResourceShare', input.resourceShareArn ?? '*', input, at);
        return [{ ...need, resourceTags: share?.tags ?? {} }];
      },
      run: (input, at) => {
        onlyMembers('AssociateResourceShare', input, ['resourceShareArn', 'resourceArns', 'principals']);
        const share = at.state.shares.get(input.resourceShareArn ?? '');
        if (share?.owner !== at.account)
          throw new AwsError('UnknownResourceException', `ResourceShare ${input.resourceShareArn} could not be found.`);
        const after = associate(share, input, at);
        return { resourceShareAssociations: describeAssociations(after) };
      },
    },
    DeleteResourceShare: {
      needs: (input, at) => {
        const share = at.state.shares.get(input.resourceShareArn ?? '');
        const need = shareNeed('DeleteResourceShare', input.resourceShareArn ?? '*', {}, at);
        return [{ ...need, resourceTags: share?.tags ?? {} }];
      },
      run: (input, at) => {
        onlyMembers('DeleteResourceShare', input, ['resourceShareArn']);
        const { resourceShareArn = '' } = input;
        if (at.state.shares.get(resourceShareArn)?.owner !== at.account)
          throw new AwsError('UnknownResourceException', `ResourceShare ${resourceShareArn} could not be found.`);
        at.state.shares.delete(resourceShareArn);
        return { returnValue: true };
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
        const matching = visibleShares(input.resourceOwner, at).filter(
          ({ arn, name }) =>
            (input.name === undefined || input.name === name) && (input.resourceShareArns?.includes(arn) ?? true),
        );
        const active = (input.resourceShareStatus ?? 'ACTIVE') === 'ACTIVE' ? matching : [];
        const page = pageOfItems(active, input);
        return { resourceShares: page.items.map(describeShare), nextToken: page.nextToken };
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
        const ownShares = visibleShares('SELF', at).filter(({ arn }) => input.resourceShareArns?.includes(arn) ?? true);
        const selected = ownShares
          .flatMap(describeAssociations)
          .filter((one) => one.associationType === input.associationType);
        const page = pageOfItems(selected, input);
        return { resourceShareAssociations: page.items, nextToken: page.nextToken };
      },
    },
  },
});

type AssociationRequest = { readonly resourceArns?: string[]; readonly principals?: string[] };

function associate(
  share: ResourceShare,
  { resourceArns = [], principals = [] }: AssociationRequest,
  at: RamAt,
): ResourceShare {
  for (const principal of principals) checkPrincipal(principal, at.kernel);
  for (const arn of resourceArns)
    if (parseArn(arn).account !== at.account || parseArn(arn).region !== at.region)
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
  const { organization, accounts, units, trusted } = organizationState(kernel);
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

const visibleShares = (owner: string | undefined, at: RamAt): ResourceShare[] =>
  [...at.state.shares.values()].filter(
    (share) =>
      share.region === at.region &&
      (owner === 'SELF'
        ? share.owner === at.account
        : share.owner !== at.account && reaches(at.kernel, share, at.account)),
  );

const shareNeed = (
  action: string,
  resource: string,
  input: AssociationRequest & { tags?: sdk.Tag[] },
  at: RamAt,
): Need => ({
  action: `ram:${action}`,
  resource,
  context: {
    'ram:RequestedResourceType': [...new Set((input.resourceArns ?? []).map(resourceTypeOf))],
    'ram:ResourceArn': input.resourceArns ?? [],
    'ram:Principal': input.principals ?? [],
    ...(action === 'CreateResourceShare' && { 'ram:RequestedAllowsExternalPrincipals': 'false' }),
    ...Object.fromEntries((input.tags ?? []).map(({ key, value }) => [`aws:RequestTag/${key}`, value ?? ''])),
    ...(input.tags && { 'aws:TagKeys': input.tags.map(({ key }) => key ?? '') }),
  },
  owner: at.account,
});

const resourceTypeOf = (arn: string): string => {
  const { service, resource } = parseArn(arn);
  const words = resource.split('/')[0]!.split('-');
  return `${service}:${words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('')}`;
};

const describeShare = (share: ResourceShare): sdk.ResourceShare => ({
  resourceShareArn: share.arn,
  name: share.name,
  owningAccountId: share.owner,
  allowExternalPrincipals: false,
  status: 'ACTIVE',
  creationTime: new Date(share.createdAt),
  tags: Object.entries(share.tags).map(([key, value]) => ({ key, value })),
});

const describeAssociations = (share: ResourceShare): sdk.ResourceShareAssociation[] =>
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

const pageOfItems = <T>(items: readonly T[], { nextToken, maxResults }: { nextToken?: string; maxResults?: number }) =>
  pageOf(
    items,
    nextToken,
    maxResults ?? DEFAULT_PAGE_SIZE,
    () => new AwsError('InvalidNextTokenException', 'The specified value for NextToken is not valid.'),
  );
