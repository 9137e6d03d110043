/** Amazon EFS: file systems, their backups and policies, without files and mount targets. */
import * as sdk from '@aws-sdk/client-efs';
import { AwsError, defineService } from '../../kernel/kernel.ts';
import { recordComparison } from '../../records/comparison.ts';
import { sdkErrors } from '../../records/errors.ts';
import { recordOperations } from '../../records/operation.ts';
import { deletesPart, getsPart, putsPart } from '../../records/parts.ts';
import type { RecordAt, RecordKind, RecordPart, RecordState, StoredRecord } from '../../records/record.ts';
import { allowedValues, anyValue, enumOf, matching, membersOf, modelledValues, notKept } from '../../records/rules.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { addsTags, listsTags, removesTags, type TaggedKinds } from '../../records/tags.ts';
import { creates, deletes, lists } from '../../records/verbs.ts';
import { EFS } from './state.ts';

const efsError = sdkErrors<typeof sdk>();
const invalid = (Message: string) => efsError('BadRequest', Message);

/** The status passes through ENABLING or DISABLING until `settlesAt`. */
type Backups = { readonly enabled: boolean; readonly settlesAt: number };
const BACKUPS_SETTLE_MS = 60_000;
const BACKUPS: RecordPart<Backups> = {
  name: 'backups',
  initially: { enabled: false, settlesAt: 0 },
  generated: ['settlesAt'],
};

const FILE_SYSTEM: RecordKind<sdk.FileSystemDescription> = {
  name: 'fileSystems',
  arn: 'arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{id}',
  id: 'FileSystemId',
  namedBy: 'either',
  newId: (at) => at.kernel.id('fs-', 17),
  missing: (id) => new AwsError('FileSystemNotFound', `File system '${id}' does not exist.`, 404),
  invalid,
  quota: {
    records: 1000,
    exceeded: () =>
      new AwsError('FileSystemLimitExceeded', 'You have reached the maximum number of file systems.', 403),
  },
  initially: ({ arn, at }) => ({
    FileSystemArn: arn,
    OwnerId: at.account,
    CreationTime: new Date(at.kernel.clock.now()),
    Encrypted: false,
    PerformanceMode: 'generalPurpose',
    ThroughputMode: 'bursting',
    NumberOfMountTargets: 0,
    SizeInBytes: { Value: 6144 },
    FileSystemProtection: { ReplicationOverwriteProtection: 'ENABLED' },
  }),
  generated: ['CreationTime'],
  derived: ({ tags }) => ({ ...(tags.Name !== undefined && { Name: tags.Name }) }),
  parts: [BACKUPS],
  lifecycle: {
    member: 'LifeCycleState',
    ready: 'available',
    creating: { status: 'creating', minutes: 1 },
    deleting: { status: 'deleting', minutes: 1 },
    busy: (id, status) =>
      new AwsError('IncorrectFileSystemLifeCycleState', `The file system ${id} is ${status}, not available.`, 409),
  },
  tags: { ...TAG_LIST, shownAs: 'Tags' },
  conditions: ({ fields }) => ({ 'elasticfilesystem:Encrypted': String(fields.Encrypted ?? false) }),
};

const shownBackups = ({ enabled, settlesAt }: Backups, at: RecordAt) => {
  const isSettled = at.kernel.clock.now() >= settlesAt;
  const Status: sdk.Status = enabled ? (isSettled ? 'ENABLED' : 'ENABLING') : isSettled ? 'DISABLED' : 'DISABLING';
  return { BackupPolicy: { Status } };
};

const POLICY: RecordPart<string> = {
  name: 'policy',
  missing: (id) => new AwsError('PolicyNotFound', `File system '${id}' has no policy.`, 404),
};
const shownPolicy = (Policy: string, { fields }: StoredRecord) => ({
  Policy,
  FileSystemId: fields.FileSystemId as string,
});

const TAGGED: TaggedKinds = { kinds: [FILE_SYSTEM], form: TAG_LIST, byId: true, unknownArn: invalid };

export const efs = defineService<typeof sdk, RecordState>({
  ...EFS,
  ...recordComparison([FILE_SYSTEM]),
  sdk,
  client: sdk.EFSClient,
  prefix: 'elasticfilesystem',
  operations: recordOperations<typeof sdk>('elasticfilesystem', {
    CreateFileSystem: creates(FILE_SYSTEM, {
      withoutResource: true,
      takes: {
        CreationToken: anyValue,
        Encrypted: anyValue,
        KmsKeyId: anyValue,
        PerformanceMode: enumOf(sdk.PerformanceMode),
        ThroughputMode: modelledValues<sdk.ThroughputMode>('bursting', 'elastic'),
        Backup: notKept(modelledValues(false)),
      },
      tags: 'Tags',
      check: ({ CreationToken }, at) => {
        const other = [...at.state.kinds.fileSystems!.values()].find(
          (each) => each.fields.CreationToken === CreationToken,
        );
        if (other)
          throw new AwsError(
            'FileSystemAlreadyExists',
            `File system '${other.fields.FileSystemId}' already exists with creation token '${CreationToken}'`,
            409,
            { FileSystemId: other.fields.FileSystemId },
          );
      },
    }),
    DescribeFileSystems: lists(FILE_SYSTEM, {
      by: 'FileSystemId',
      under: 'FileSystems',
      takes: { CreationToken: anyValue },
      only: ({ CreationToken: own }, { CreationToken = own as string }) => own === CreationToken,
      pages: {
        token: 'Marker',
        next: 'NextMarker',
        size: 'MaxItems',
        sizes: [1, 1000],
        defaultSize: 100,
        invalidToken: () => invalid('Invalid Marker'),
      },
    }),
    DeleteFileSystem: deletes(FILE_SYSTEM, { silent: true }),
    DescribeBackupPolicy: getsPart(FILE_SYSTEM, BACKUPS, { shows: (backups, _r, _i, at) => shownBackups(backups, at) }),
    PutBackupPolicy: putsPart(FILE_SYSTEM, BACKUPS, {
      takes: {
        BackupPolicy: membersOf<sdk.BackupPolicy>({
          Status: allowedValues<sdk.Status | undefined>('ENABLED', 'DISABLED'),
        }),
      },
      value: ({ BackupPolicy }, before, _record, at) => {
        const enabled = BackupPolicy?.Status === 'ENABLED';
        if (before?.enabled === enabled) return before;
        return { enabled, settlesAt: at.kernel.clock.now() + BACKUPS_SETTLE_MS };
      },
      shows: (backups, _record, _input, at) => shownBackups(backups, at),
    }),
    DescribeFileSystemPolicy: getsPart(FILE_SYSTEM, POLICY, { shows: shownPolicy }),
    PutFileSystemPolicy: putsPart(FILE_SYSTEM, POLICY, {
      takes: { Policy: matching(/^\s*\{[\s\S]*\}\s*$/) },
      value: ({ Policy = '' }) => Policy,
      shows: shownPolicy,
    }),
    DeleteFileSystemPolicy: deletesPart(FILE_SYSTEM, POLICY, { shows: () => ({}) }),
    ListTagsForResource: listsTags(TAGGED, 'ResourceId', 'Tags', {
      pages: {
        token: 'NextToken',
        next: 'NextToken',
        size: 'MaxResults',
        sizes: [1, 1000],
        defaultSize: 100,
        invalidToken: () => invalid('Invalid NextToken'),
      },
    }),
    TagResource: addsTags(TAGGED, 'ResourceId', 'Tags'),
    UntagResource: removesTags(TAGGED, 'ResourceId', 'TagKeys'),
  }),
});
