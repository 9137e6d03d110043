import { DisableEbsEncryptionByDefaultCommand, EnableEbsEncryptionByDefaultCommand } from '@aws-sdk/client-ec2';
import { defineScenarios } from '../../../contract/scenario.ts';
import { accountResource } from '../../account.ts';
import encryptEbsByDefault from './index.ts';

export default defineScenarios(encryptEbsByDefault, {
  async faulty({ ec2 }, where) {
    await ec2.send(new DisableEbsEncryptionByDefaultCommand({}));
    return accountResource(where);
  },
  scenarios: {
    'encryption by default is off': { expected: 'FIXED' },
    'encryption by default is on already': {
      async arrange({ ec2 }, where) {
        await ec2.send(new EnableEbsEncryptionByDefaultCommand({}));
        return accountResource(where);
      },
      expected: 'COMPLIANT',
    },
  },
});
