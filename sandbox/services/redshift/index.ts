/** Amazon Redshift: the settings of provisioned clusters. Nothing runs in them. */
import * as sdk from '@aws-sdk/client-redshift';
import { AwsError, defineService } from '../../kernel/kernel.ts';
import { recordComparison } from '../../records/comparison.ts';
import { sdkErrors } from '../../records/errors.ts';
import { recordOperations } from '../../records/operation.ts';
import type { RecordFields, RecordKind, RecordState } from '../../records/record.ts';
import { anyValue, between, type MemberRules, modelledValues } from '../../records/rules.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { addsTags, removesTags, type TaggedKinds } from '../../records/tags.ts';
import { changes, creates, deletes, lists, type RecordChange } from '../../records/verbs.ts';
import { REDSHIFT } from './state.ts';

const redshiftError = sdkErrors<typeof sdk>();
/** AWS's model of the service does not have this error. */
const invalid = (message: string) => new AwsError('InvalidParameterValue', message);

const CLUSTER: RecordKind<sdk.Cluster> = {
  name: 'clusters',
  arn: 'arn:{partition}:redshift:{region}:{account}:cluster:{id}',
  id: 'ClusterIdentifier',
  normalId: (given) => given.toLowerCase(),
  missing: (id) => redshiftError('ClusterNotFoundFault', `Cluster ${id} not found.`),
  exists: () => redshiftError('ClusterAlreadyExistsFault', 'Cluster already exists'),
  invalid,
  initially: ({ id, at }) => ({
    ClusterCreateTime: new Date(at.kernel.clock.now()),
    Endpoint: { Address: `${id}.${at.kernel.id('c', 11)}.${at.region}.redshift.amazonaws.com`, Port: 5439 },
    ClusterNamespaceArn: `arn:${at.partition}:redshift:${at.region}:${at.account}:namespace:${at.kernel.uuid()}`,
    AllowVersionUpgrade: true,
    AutomatedSnapshotRetentionPeriod: 1,
    Encrypted: true,
    EnhancedVpcRouting: false,
    ManualSnapshotRetentionPeriod: -1,
    NumberOfNodes: 1,
    PendingModifiedValues: {},
    PubliclyAccessible: false,
  }),
  generated: ['ClusterCreateTime', 'Endpoint', 'ClusterNamespaceArn'],
  hidden: ['MasterUserPassword'],
  lifecycle: {
    member: 'ClusterStatus',
    ready: 'available',
    creating: { status: 'creating', minutes: 5 },
    changing: { status: 'modifying', minutes: 3 },
    deleting: { status: 'deleting', minutes: 3 },
    busy: (id, status) => redshiftError('InvalidClusterStateFault', `Cluster ${id} is not available: ${status}.`),
  },
  tags: { ...TAG_LIST, shownAs: 'Tags' },
};

const SETTINGS: MemberRules<sdk.CreateClusterMessage & sdk.ModifyClusterMessage> = {
  AllowVersionUpgrade: anyValue,
  AutomatedSnapshotRetentionPeriod: between(0, 35),
  Encrypted: anyValue,
  EnhancedVpcRouting: anyValue,
  MasterUserPassword: anyValue,
  NumberOfNodes: between(1, 128),
  PreferredMaintenanceWindow: anyValue,
  PubliclyAccessible: anyValue,
};

const TAGGED: TaggedKinds = {
  kinds: [CLUSTER],
  form: TAG_LIST,
  unknownArn: (arn) => redshiftError('ResourceNotFoundFault', `There is no resource ${arn}`),
  tooMany: () => redshiftError('TagLimitExceededFault', 'A resource has at most 50 tags.'),
};

export const redshift = defineService<typeof sdk, RecordState>({
  ...REDSHIFT,
  ...recordComparison([CLUSTER]),
  sdk,
  client: sdk.RedshiftClient,
  prefix: 'redshift',
  throttling: { code: 'Throttling', status: 400 },
  denial: { code: 'AccessDenied', status: 403 },
  operations: recordOperations<typeof sdk>('redshift', {
    CreateCluster: creates(CLUSTER, {
      takes: { ...SETTINGS, DBName: anyValue, KmsKeyId: anyValue, MasterUsername: anyValue, NodeType: anyValue },
      tags: 'Tags',
      under: 'Cluster',
    }),
    DescribeClusters: lists(CLUSTER, {
      by: 'ClusterIdentifier',
      under: 'Clusters',
      pages: {
        token: 'Marker',
        next: 'Marker',
        size: 'MaxRecords',
        sizes: [20, 100],
        defaultSize: 100,
        invalidToken: () => invalid('Invalid value for parameter Marker'),
      },
    }),
    ModifyCluster: changes(CLUSTER, { takes: SETTINGS, under: 'Cluster', effect: clusterChange }),
    DeleteCluster: deletes(CLUSTER, { takes: { SkipFinalClusterSnapshot: modelledValues(true) }, under: 'Cluster' }),
    CreateTags: addsTags(TAGGED, 'ResourceName', 'Tags'),
    DeleteTags: removesTags(TAGGED, 'ResourceName', 'TagKeys'),
  }),
});

/** AWS stores these at once; the cluster does not notice. */
const AT_ONCE = ['AllowVersionUpgrade', 'AutomatedSnapshotRetentionPeriod', 'PreferredMaintenanceWindow'];

/** Other changes take minutes, and are pending meanwhile. */
function clusterChange(given: RecordFields): RecordChange {
  const entries = Object.entries(given);
  const now = Object.fromEntries(entries.filter(([name]) => AT_ONCE.includes(name)));
  const after = Object.fromEntries(entries.filter(([name]) => !AT_ONCE.includes(name)));
  if (Object.keys(after).length === 0) return { now };
  return { now: { ...now, PendingModifiedValues: after }, after: { ...after, PendingModifiedValues: {} } };
}
