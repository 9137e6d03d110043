import { DisableEbsEncryptionByDefaultCommand, EnableEbsEncryptionByDefaultCommand } from '@aws-sdk/client-ec2';
import { defineScenarios } from '../../../contract/scenario.ts';
import { accountResource } from '../../kit/account.ts';
import encryptEbsByDefault from './index.ts';

export default defineScenarios(encryptEbsByDefault, {
  async faulty({ ec2 }, context) {
    await ec2.send(new DisableEbsEncryptionByDefaultCommand({}));
    return accountResource(context);
  },
  scenarios: {
    'encryption by default is off': { expected: 'FIXED' },
    'encryption by default is on already': {
      async arrange({ ec2 }, context) {
        await ec2.send(new EnableEbsEncryptionByDefaultCommand({}));
        return accountResource(context);
      },
      expected: 'COMPLIANT',
    },
  },
});
