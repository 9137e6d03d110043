import * as sdk from '@aws-sdk/client-iam';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { accessKeyOperations } from './access-keys.ts';
import { accessReportOperations } from './access-report.ts';
import { accountOperations } from './account.ts';
import { iamComparison } from './comparison.ts';
import { emptyIamReads } from './empty-reads.ts';
import { groupOperations } from './groups.ts';
import { instanceProfileOperations } from './instance-profiles.ts';
import { policyOperations } from './policies.ts';
import { principalPolicies } from './principal-policies.ts';
import { iamResources } from './resources.ts';
import { roleOperations } from './roles.ts';
import { serverCertificateOperations } from './server-certificates.ts';
import { IAM, type IamState } from './state.ts';
import { userOperations } from './users.ts';

export const iam: Service<typeof sdk, IamState> = defineService<typeof sdk, IamState>({
  ...IAM,
  ...iamComparison,
  sdk,
  client: sdk.IAMClient,
  prefix: 'iam',
  globalRegions: { aws: 'us-east-1', 'aws-cn': 'cn-north-1', 'aws-us-gov': 'us-gov-west-1' },
  refuses: {
    ListEntitiesForPolicy: ['EntityFilter', 'PolicyUsageFilter'],
  },
  throttling: { code: 'Throttling', status: 400 },
  denial: { code: 'AccessDenied', status: 403 },
  reads: ['GenerateCredentialReport', 'GenerateServiceLastAccessedDetails'],
  hooks: { principalPolicies },
  operations: {
    ...roleOperations,
    ...policyOperations,
    ...userOperations,
    ...groupOperations,
    ...accessKeyOperations,
    ...accountOperations,
    ...instanceProfileOperations,
    ...serverCertificateOperations,
    ...accessReportOperations,
    ...emptyIamReads,
  },
  resources: iamResources,
});
