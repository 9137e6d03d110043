/** Resources and settings of services that are tables. */
import { FINDING_PLACE, OTHER_PLACE } from '../places.ts';
import type { TownBuilder } from './site.ts';

export const buildAccount: TownBuilder = async ({ call }) => {
  await call('PutAlternateContact', {
    AlternateContactType: 'BILLING',
    Name: 'Town',
    Title: 'Treasurer',
    EmailAddress: 'town@example.com',
    PhoneNumber: '+1 555 0100',
  });
};

export const buildEcr: TownBuilder = async ({ call }) => {
  await call('CreateRepository', { repositoryName: 'town', tags: [{ Key: 'owner', Value: 'town' }] });
  await call('SetRepositoryPolicy', { repositoryName: 'town', policyText: '{"Statement":[]}' });
  await call('PutRegistryScanningConfiguration', { scanType: 'BASIC', rules: [] });
};

export const buildEmr: TownBuilder = async ({ call }) => {
  await call('PutBlockPublicAccessConfiguration', {
    BlockPublicAccessConfiguration: { BlockPublicSecurityGroupRules: false },
  });
};

export const buildRedshift: TownBuilder = async ({ call }) => {
  await call('CreateCluster', {
    ClusterIdentifier: 'town',
    NodeType: 'ra3.large',
    MasterUsername: 'town',
    AutomatedSnapshotRetentionPeriod: 0,
    PubliclyAccessible: true,
    Tags: [{ Key: 'owner', Value: 'town' }],
  });
};

export const buildEfs: TownBuilder = async ({ call, minutesLater }) => {
  const Tags = [{ Key: 'owner', Value: 'town' }];
  const { FileSystemId } = await call('CreateFileSystem', { CreationToken: 'town', Encrypted: true, Tags });
  await minutesLater(1);
  await call('PutFileSystemPolicy', { FileSystemId, Policy: '{"Statement":[]}' });
};

export const buildElasticache: TownBuilder = async ({ call }) => {
  const node = { CacheNodeType: 'cache.t4g.micro', SnapshotRetentionLimit: 2, AutoMinorVersionUpgrade: false };
  const Tags = [{ Key: 'owner', Value: 'town' }];
  await call('CreateCacheCluster', { CacheClusterId: 'town', Engine: 'redis', ...node, Tags });
  const group = { ReplicationGroupId: 'town-group', ReplicationGroupDescription: 'town', NumCacheClusters: 2 };
  await call('CreateReplicationGroup', { ...group, ...node, Tags });
};

export const buildSsm: TownBuilder = async ({ call }) => {
  const Tags = [{ Key: 'owner', Value: 'town' }];
  await call('CreateDocument', { Name: 'town', Content: '{"schemaVersion":"2.2"}', Tags });
  await call('ModifyDocumentPermission', { Name: 'town', PermissionType: 'Share', AccountIdsToAdd: ['all'] });
  const SettingId = '/ssm/parameter-store/default-parameter-tier';
  await call('UpdateServiceSetting', { SettingId, SettingValue: 'Advanced' });
};

/** Scenarios make the analyzer of external access: the town of the laws has none. */
export const buildAccessAnalyzer: TownBuilder = async ({ call, account, region }) => {
  const isOwn = [FINDING_PLACE, OTHER_PLACE].some((place) => account === place.account && region === place.region);
  const type = isOwn ? 'ACCOUNT_UNUSED_ACCESS' : 'ACCOUNT';
  await call('CreateAnalyzer', { analyzerName: 'town', type, tags: { owner: 'town' } });
};
