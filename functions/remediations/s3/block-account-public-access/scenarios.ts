import {
  DeletePublicAccessBlockCommand,
  PutPublicAccessBlockCommand,
  type S3ControlClient,
} from '@aws-sdk/client-s3-control';
import { defineScenarios, type ScenarioContext } from '../../../contract/scenario.ts';
import { accountResource } from '../../account.ts';
import { type Block, EVERYTHING } from '../block.ts';
import blockAccountPublicAccess from './index.ts';

/** The account with these settings; those that are left out are off. */
async function blocking(s3control: S3ControlClient, where: ScenarioContext<unknown>, block: Partial<Block>) {
  const settings = { AccountId: where.account, PublicAccessBlockConfiguration: block };
  await s3control.send(new PutPublicAccessBlockCommand(settings));
  return accountResource(where);
}

export default defineScenarios(blockAccountPublicAccess, {
  async faulty({ s3control }, where) {
    await s3control.send(new DeletePublicAccessBlockCommand({ AccountId: where.account }));
    return accountResource(where);
  },
  scenarios: {
    'the account never made the settings': { expected: 'FIXED' },
    'all four settings are off': {
      arrange: ({ s3control }, where) => blocking(s3control, where, {}),
      expected: 'FIXED',
    },
    'only ACLs are blocked': {
      arrange: ({ s3control }, where) => blocking(s3control, where, { BlockPublicAcls: true, IgnorePublicAcls: true }),
      expected: 'FIXED',
    },
    'everything is blocked already': {
      arrange: ({ s3control }, where) => blocking(s3control, where, EVERYTHING),
      expected: 'COMPLIANT',
    },
  },
});
