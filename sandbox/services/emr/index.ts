/** Amazon EMR: the public access that its clusters may have. */
import * as sdk from '@aws-sdk/client-emr';
import { defineService } from '../../kernel/kernel.ts';
import { recordComparison } from '../../records/comparison.ts';
import { sdkErrors } from '../../records/errors.ts';
import { recordOperations } from '../../records/operation.ts';
import type { RecordAt, RecordState } from '../../records/record.ts';
import { anyValue, between, listOf, membersOf } from '../../records/rules.ts';
import { type AccountSetting, getsSetting, putsSetting } from '../../records/settings.ts';
import { EMR } from './state.ts';

const emrError = sdkErrors<typeof sdk>();
const PORT = between(0, 65_535);

/** AWS blocks all ports but 22: https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-block-public-access.html */
const BLOCK_PUBLIC_ACCESS: AccountSetting = {
  name: 'blockPublicAccess',
  arn: '*',
  invalid: (message) => emrError('InvalidRequestException', message),
  initially: (_id, at) => ({
    BlockPublicAccessConfiguration: {
      BlockPublicSecurityGroupRules: true,
      PermittedPublicSecurityGroupRuleRanges: [{ MinRange: 22, MaxRange: 22 }],
    },
    BlockPublicAccessConfigurationMetadata: {
      CreationDateTime: new Date(0),
      CreatedByArn: `arn:${at.partition}:iam::${at.account}:root`,
    },
  }),
  generated: ['BlockPublicAccessConfigurationMetadata'],
};

export const emr = defineService<typeof sdk, RecordState>({
  ...EMR,
  ...recordComparison([], [BLOCK_PUBLIC_ACCESS]),
  sdk,
  client: sdk.EMRClient,
  prefix: 'elasticmapreduce',
  operations: recordOperations<typeof sdk>('elasticmapreduce', {
    GetBlockPublicAccessConfiguration: getsSetting(BLOCK_PUBLIC_ACCESS, {
      shows: (setting) => setting as unknown as sdk.GetBlockPublicAccessConfigurationOutput,
    }),
    PutBlockPublicAccessConfiguration: putsSetting(BLOCK_PUBLIC_ACCESS, {
      takes: {
        BlockPublicAccessConfiguration: membersOf<sdk.BlockPublicAccessConfiguration>({
          BlockPublicSecurityGroupRules: anyValue,
          PermittedPublicSecurityGroupRuleRanges: listOf<sdk.PortRange>({ MinRange: PORT, MaxRange: PORT }),
        }),
      },
      also: (at) => ({ BlockPublicAccessConfigurationMetadata: metadataOf(at) }),
    }),
  }),
});

const metadataOf = (at: RecordAt) => ({
  CreationDateTime: new Date(at.kernel.clock.now()),
  CreatedByArn: 'arn' in at.principal ? at.principal.arn : at.principal.service,
});
