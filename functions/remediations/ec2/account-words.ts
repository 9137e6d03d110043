/** Settings of EC2 for an account in one Region, in the language of the account's owner. */
import * as z from 'zod';

/** CloudFormation has no such type. */
export const EBS_ENCRYPTION_WORDS = {
  cloudFormation: null,
  terraform: 'aws_ebs_encryption_by_default',
  attributes: { encrypted: { type: z.boolean(), default: false, terraform: 'enabled' } },
} as const;

export const SNAPSHOT_BLOCK_WORDS = {
  cloudFormation: 'AWS::EC2::SnapshotBlockPublicAccess',
  terraform: 'aws_ebs_snapshot_block_public_access',
  attributes: {
    state: {
      type: z.enum(['block-new-sharing', 'block-all-sharing']),
      default: 'block-new-sharing',
      cloudFormation: 'State',
      terraform: 'state',
    },
  },
} as const;
