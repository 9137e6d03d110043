/** Instances for scenarios, launched as an administrator of the account. */
import { CreateTagsCommand, ModifyInstanceMetadataOptionsCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { tagSpecifications } from './fixtures.ts';
import { ec2Instance } from './instance.ts';

export const ec2Instances = resourceFixture(ec2Instance, {
  absent: { instance: 'i-0123456789abcdef0' },
  async create({ ec2 }, _, MetadataOptions, tags) {
    const command = new RunInstancesCommand({
      ImageId: 'ami-0123456789abcdef0',
      InstanceType: 't4g.nano',
      MinCount: 1,
      MaxCount: 1,
      MetadataOptions,
      TagSpecifications: tagSpecifications('instance', tags),
    });
    const { Instances } = await ec2.send(command);
    return { instance: Instances![0]!.InstanceId! };
  },
  tag: ({ ec2 }, { target }, tags) =>
    ec2.send(new CreateTagsCommand({ Resources: [target.instance], Tags: listOfTags(tags) })),
  busy: ({ ec2 }, { target }) =>
    ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: target.instance, HttpPutResponseHopLimit: 2 })),
});
