/** File systems for scenarios, created as an administrator of the account. */
import { CreateFileSystemCommand, DeleteFileSystemCommand, TagResourceCommand } from '@aws-sdk/client-efs';
import { resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { fileSystemBackups } from './backups.ts';

export const fileSystems = resourceFixture(fileSystemBackups, {
  absent: { fileSystem: 'fs-0123456789abcdef0' },
  async create({ efs }, { name }, _, tags) {
    const command = new CreateFileSystemCommand({ CreationToken: name, Encrypted: true, Tags: listOfTags(tags) });
    return { fileSystem: (await efs.send(command)).FileSystemId! };
  },
  tag: ({ efs }, { target: { fileSystem } }, tags) =>
    efs.send(new TagResourceCommand({ ResourceId: fileSystem, Tags: listOfTags(tags) })),
  stuck: ({ efs }, { target: { fileSystem } }) => efs.send(new DeleteFileSystemCommand({ FileSystemId: fileSystem })),
});
