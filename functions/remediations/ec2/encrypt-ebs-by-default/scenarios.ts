import { DisableEbsEncryptionByDefaultCommand, EnableEbsEncryptionByDefaultCommand } from '@aws-sdk/client-ec2';
import { defineCases } from '../../../contract/scenario.ts';
import { accountResource } from '../../account.ts';
import encryptEbsByDefault from './index.ts';

export default defineCases(encryptEbsByDefault, {
  async faulty({ ec2 }, where) {
    await ec2.send(new DisableEbsEncryptionByDefaultCommand({}));
    return accountResource(where);
  },
  cases: {
    'encryption by default is off': { then: 'FIXED' },
    'encryption by default is on already': {
      async arrange({ ec2 }, where) {
        await ec2.send(new EnableEbsEncryptionByDefaultCommand({}));
        return accountResource(where);
      },
      then: 'COMPLIANT',
    },
  },
});
