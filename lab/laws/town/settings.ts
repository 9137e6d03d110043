/** Resources and settings of services that are tables. */
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
