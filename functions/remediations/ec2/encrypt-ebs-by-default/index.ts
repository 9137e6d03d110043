/**
 * EC2.7 (Config rule ec2-ebs-encryption-by-default), of the account in one Region. No parameters. Disruptive: instance
 * types without support for encryption can no longer be launched, and snapshots under `aws/ebs` cannot be shared.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-7
 */
import {
  DisableEbsEncryptionByDefaultCommand,
  EC2Client,
  EnableEbsEncryptionByDefaultCommand,
  GetEbsEncryptionByDefaultCommand,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { accountTarget, defineRemediation } from '../../../contract/remediation.ts';
import { settingWrite } from '../../kit/account-setting.ts';
import { declaredChange } from '../../kit/owner-language.ts';
import { EBS_ENCRYPTION_WORDS } from '../account-words.ts';

export default defineRemediation({
  id: 'ec2/encrypt-ebs-by-default',
  title: 'Encrypt new EBS volumes by default',
  handles: { controls: ['EC2.7'] },
  risk: 'disruptive',
  target: accountTarget,
  params: z.strictObject({}),
  state: z.strictObject({ encrypted: z.boolean() }),
  reads: [{ actions: ['ec2:GetEbsEncryptionByDefault'], resources: ['*'], because: 'an account setting has no ARN' }],
  writes: [settingWrite('ec2:EnableEbsEncryptionByDefault', 'enables it')],
  undoes: [settingWrite('ec2:DisableEbsEncryptionByDefault', 'disables it again')],
  clients: { ec2: EC2Client },
}).by({
  async read({ ec2 }) {
    const { EbsEncryptionByDefault } = await ec2.send(new GetEbsEncryptionByDefaultCommand({}));
    return { encrypted: EbsEncryptionByDefault ?? false };
  },
  want: () => ({ encrypted: true }),
  async write({ ec2 }, _, { encrypted }) {
    await ec2.send(
      encrypted ? new EnableEbsEncryptionByDefaultCommand({}) : new DisableEbsEncryptionByDefaultCommand({}),
    );
  },
  declared: (_, { encrypted }) => declaredChange(EBS_ENCRYPTION_WORDS, { encrypted }),
  summary: (_, { encrypted }) => `encryption of new EBS volumes ${encrypted ? 'on' : 'off'}`,
});
