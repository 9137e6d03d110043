/** Transit gateways for scenarios, created as an administrator of the account. */
import { CreateTagsCommand, CreateTransitGatewayCommand, ModifyTransitGatewayCommand } from '@aws-sdk/client-ec2';
import { resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { tagSpecifications } from './fixtures.ts';
import { transitGateway } from './transit-gateway.ts';

export const transitGateways = resourceFixture(transitGateway, {
  absent: { gateway: 'tgw-0123456789abcdef0' },
  async create({ ec2 }, _, values, tags) {
    const TagSpecifications = tagSpecifications('transit-gateway', tags);
    const { TransitGateway } = await ec2.send(new CreateTransitGatewayCommand({ Options: values, TagSpecifications }));
    return { gateway: TransitGateway!.TransitGatewayId! };
  },
  tag: ({ ec2 }, { target }, tags) =>
    ec2.send(new CreateTagsCommand({ Resources: [target.gateway], Tags: listOfTags(tags) })),
  busy: ({ ec2 }, { target }) =>
    ec2.send(new ModifyTransitGatewayCommand({ TransitGatewayId: target.gateway, Options: { DnsSupport: 'disable' } })),
});
