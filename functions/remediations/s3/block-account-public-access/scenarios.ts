import {
  DeletePublicAccessBlockCommand,
  PutPublicAccessBlockCommand,
  type S3ControlClient,
} from '@aws-sdk/client-s3-control';
import { defineScenarios, type ScenarioContext } from '../../../contract/scenario.ts';
import { accountResource } from '../../kit/account.ts';
import { BLOCK_EVERYTHING, type BlockSettings } from '../block.ts';
import blockAccountPublicAccess from './index.ts';

const NOTHING_BLOCKED: BlockSettings = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};

/** Sets the account's block. Absent settings are off. */
async function setAccountBlock(
  s3control: S3ControlClient,
  context: ScenarioContext<unknown>,
  block: Partial<BlockSettings>,
) {
  const settings = { AccountId: context.account, PublicAccessBlockConfiguration: block };
  await s3control.send(new PutPublicAccessBlockCommand(settings));
  return accountResource(context);
}

export default defineScenarios(blockAccountPublicAccess, {
  async faulty({ s3control }, context) {
    await s3control.send(new DeletePublicAccessBlockCommand({ AccountId: context.account }));
    return accountResource(context);
  },
  scenarios: {
    'the account has no settings': { expected: 'FIXED' },
    'all four settings are off': {
      arrange: ({ s3control }, context) => setAccountBlock(s3control, context, NOTHING_BLOCKED),
      expected: 'FIXED',
    },
    'only ACLs are blocked': {
      arrange: ({ s3control }, context) =>
        setAccountBlock(s3control, context, { BlockPublicAcls: true, IgnorePublicAcls: true }),
      expected: 'FIXED',
    },
    'everything is blocked already': {
      arrange: ({ s3control }, context) => setAccountBlock(s3control, context, BLOCK_EVERYTHING),
      expected: 'COMPLIANT',
    },
  },
});
