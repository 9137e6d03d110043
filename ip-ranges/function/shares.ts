/** Shares prefix lists with other accounts, by Resource Access Manager: one share a target and list. */
import {
  AssociateResourceShareCommand,
  CreateResourceShareCommand,
  paginateGetResourceShareAssociations,
  paginateGetResourceShares,
  type RAMClient,
} from '@aws-sdk/client-ram';
import { type IpRangesTarget, OWN_TAG } from '../contract/targets.ts';

/** Shares lists with other accounts; says with whom one is shared already. */
export type ListShares = {
  with(listArn: string): Promise<readonly string[]>;
  add(listArn: string, principals: readonly string[]): Promise<void>;
};

/** https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html */
export function ramShares(target: IpRangesTarget, client: RAMClient): ListShares {
  const nameOf = (listArn: string) =>
    `suture-${target.name}-${listArn.split('/').at(-1)}`.replace(/[^\w.-]/g, '_').slice(0, 255);
  const shareOf = async (listArn: string): Promise<string | undefined> => {
    const input = { resourceOwner: 'SELF' as const, name: nameOf(listArn), resourceShareStatus: 'ACTIVE' as const };
    for await (const { resourceShares = [] } of paginateGetResourceShares({ client }, input))
      if (resourceShares[0]) return resourceShares[0].resourceShareArn;
    return undefined;
  };
  return {
    async with(listArn) {
      const share = await shareOf(listArn);
      if (!share) return [];
      const principals: string[] = [];
      const input = { associationType: 'PRINCIPAL' as const, resourceShareArns: [share] };
      for await (const page of paginateGetResourceShareAssociations({ client }, input))
        for (const { associatedEntity, status } of page.resourceShareAssociations ?? [])
          if (status === 'ASSOCIATED' || status === 'ASSOCIATING') principals.push(associatedEntity!);
      return principals;
    },

    async add(listArn, principals) {
      const share = await shareOf(listArn);
      const shared = { resourceArns: [listArn], principals: [...principals] };
      if (share) {
        await client.send(new AssociateResourceShareCommand({ resourceShareArn: share, ...shared }));
        return;
      }
      const tags = [{ key: OWN_TAG, value: target.name }];
      const name = nameOf(listArn);
      await client.send(new CreateResourceShareCommand({ name, ...shared, allowExternalPrincipals: false, tags }));
    },
  };
}
