/**
 * EMR.2 (Config rule emr-block-public-access), of the account in one Region: it permits at most port 22.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/emr-controls.html#emr-2
 * https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-block-public-access.html
 */
import {
  EMRClient,
  GetBlockPublicAccessConfigurationCommand,
  PutBlockPublicAccessConfigurationCommand,
} from '@aws-sdk/client-emr';
import * as z from 'zod';
import { accountTarget, defineRemediation } from '../../../contract/remediation.ts';
import { settingWrite } from '../../kit/account-setting.ts';
import { blockText, declaredEmrBlock, EmrBlock, onlySsh } from '../block.ts';

export default defineRemediation({
  id: 'emr/block-public-clusters',
  title: 'Block public access to EMR clusters',
  handles: { controls: ['EMR.2'] },
  risk: 'disruptive',
  target: accountTarget,
  params: z.strictObject({}),
  state: EmrBlock,
  reads: [
    {
      actions: ['elasticmapreduce:GetBlockPublicAccessConfiguration'],
      resources: ['*'],
      because: 'what is blocked; an account setting has no ARN',
    },
  ],
  writes: [
    settingWrite('elasticmapreduce:PutBlockPublicAccessConfiguration', 'blocks; rollback sets the old configuration'),
  ],
  clients: { emr: EMRClient },
}).by({
  async read({ emr }) {
    const { BlockPublicAccessConfiguration: block } = await emr.send(new GetBlockPublicAccessConfigurationCommand({}));
    const permitted = block?.PermittedPublicSecurityGroupRuleRanges?.map(({ MinRange, MaxRange = MinRange }) => ({
      MinRange: MinRange!,
      MaxRange: MaxRange!,
    }));
    return { blocks: block?.BlockPublicSecurityGroupRules ?? false, ...(permitted && { permitted }) };
  },
  want: ({ permitted }) => ({ blocks: true, ...(permitted && { permitted: onlySsh(permitted) }) }),
  async write({ emr }, _, { blocks, permitted }) {
    const ranges = permitted && { PermittedPublicSecurityGroupRuleRanges: permitted };
    const BlockPublicAccessConfiguration = { BlockPublicSecurityGroupRules: blocks, ...ranges };
    await emr.send(new PutBlockPublicAccessConfigurationCommand({ BlockPublicAccessConfiguration }));
  },
  declared: (_, to) => declaredEmrBlock(to),
  summary: (from, to) => `${blockText(to)}; was: ${blockText(from)}`,
});
