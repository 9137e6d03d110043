/** Prefix lists shared with other accounts, by Resource Access Manager: one share a target and list. */
import {
  AssociateResourceShareCommand,
  CreateResourceShareCommand,
  paginateGetResourceShareAssociations,
  paginateGetResourceShares,
  type RAMClient,
} from '@aws-sdk/client-ram';
import { type IpRangesTarget, OWN_TAG } from '../contract/targets.ts';
import type { Shares } from './lists.ts';

/** https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html */
export function ramShares(target: IpRangesTarget, client: RAMClient): Shares {
  const nameOf = (listArn: string) =>
    `suture-${target.name}-${listArn.split('/').at(-1)}`.replace(/[^\w.-]/g, '_').slice(0, 255);
  const shareOf = async (listArn: string): Promise<string | undefined> => {
    const asked = { resourceOwner: 'SELF' as const, name: nameOf(listArn), resourceShareStatus: 'ACTIVE' as const };
    for await (const { resourceShares = [] } of paginateGetResourceShares({ client }, asked))
      if (resourceShares[0]) return resourceShares[0].resourceShareArn;
    return undefined;
  };
  return {
    async with(listArn) {
      const share = await shareOf(listArn);
      if (!share) return [];
      const principals: string[] = [];
      const asked = { associationType: 'PRINCIPAL' as const, resourceShareArns: [share] };
      for await (const page of paginateGetResourceShareAssociations({ client }, asked))
        for (const { associatedEntity, status } of page.resourceShareAssociations ?? [])
          if (status === 'ASSOCIATED' || status === 'ASSOCIATING') principals.push(associatedEntity!);
      return principals;
    },

    async add(listArn, principals) {
      const share = await shareOf(listArn);
      if (share) {
        await client.send(
          new AssociateResourceShareCommand({
            resourceShareArn: share,
            resourceArns: [listArn],
            principals: [...principals],
          }),
        );
        return;
      }
      await client.send(
        new CreateResourceShareCommand({
          name: nameOf(listArn),
          resourceArns: [listArn],
          principals: [...principals],
          allowExternalPrincipals: false,
          tags: [{ key: OWN_TAG, value: target.name }],
        }),
      );
    },
  };
}
