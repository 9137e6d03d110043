/** The automatic backups of a file system: https://docs.aws.amazon.com/efs/latest/ug/API_BackupPolicy.html */
import {
  DescribeBackupPolicyCommand,
  DescribeFileSystemsCommand,
  EFSClient,
  PutBackupPolicyCommand,
} from '@aws-sdk/client-efs';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { resourceType } from '../kit/resource-type.ts';
import { tagsOfList } from '../kit/tag-list.ts';

const FILE_SYSTEM = 'arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{fileSystem}';

export const fileSystemBackups = resourceType({
  target: arn('AwsEfsFileSystem', FILE_SYSTEM, { fileSystem: /fs-(?:[0-9a-f]{8}|[0-9a-f]{17})/ }),
  clients: { efs: EFSClient },
  cloudFormation: 'AWS::EFS::FileSystem',
  terraform: 'aws_efs_backup_policy',
  reads: [
    {
      actions: ['elasticfilesystem:DescribeFileSystems', 'elasticfilesystem:DescribeBackupPolicy'],
      resources: [FILE_SYSTEM],
      because: 'its backup policy, state and tags',
    },
  ],
  writes: {
    actions: ['elasticfilesystem:PutBackupPolicy'],
    resources: [FILE_SYSTEM],
    because: 'switches automatic backups on; rollback switches them off',
  },
  attributes: {
    backups: {
      type: z.enum(['ENABLED', 'DISABLED']),
      default: 'DISABLED',
      cloudFormation: 'BackupPolicy.Status',
      terraform: 'backup_policy.status',
    },
  },
  busyErrors: ['IncorrectFileSystemLifeCycleState'],
}).by({
  async find({ efs, target: { fileSystem: FileSystemId } }) {
    const answer = await orUndefined(efs.send(new DescribeFileSystemsCommand({ FileSystemId })), 'FileSystemNotFound');
    const found = answer?.FileSystems?.[0];
    if (!found) return undefined;
    const policy = await orUndefined(efs.send(new DescribeBackupPolicyCommand({ FileSystemId })), 'PolicyNotFound');
    const isEnabled = ['ENABLED', 'ENABLING'].includes(policy?.BackupPolicy?.Status ?? 'DISABLED');
    return { ...found, backups: isEnabled ? ('ENABLED' as const) : ('DISABLED' as const) };
  },
  change: ({ efs, target: { fileSystem: FileSystemId } }, { backups: Status }) =>
    efs.send(new PutBackupPolicyCommand({ FileSystemId, BackupPolicy: { Status } })),
  tags: ({ Tags }) => tagsOfList(Tags),
  obstacle: ({ LifeCycleState: state = 'available' }) =>
    ['deleting', 'deleted', 'error'].includes(state)
      ? `its state is ${state}, and AWS changes only available file systems`
      : undefined,
  busy: ({ LifeCycleState: state = 'available' }) =>
    ['available', 'updating'].includes(state) ? undefined : `its state is ${state}`,
});
