import { PutAlternateContactCommand } from '@aws-sdk/client-account';
import { defineScenarios } from '../../../contract/scenario.ts';
import { accountResource } from '../../kit/account.ts';
import nameSecurityContact from './index.ts';

const NAMED = {
  name: 'Security team',
  title: 'On call',
  emailAddress: 'security@example.com',
  phoneNumber: '+49 30 555 0100',
};

export default defineScenarios(nameSecurityContact, {
  faulty: async (_, context) => accountResource(context),
  scenarios: {
    'the account has no security contact': { params: NAMED, expected: 'FIXED' },
    'policy names nobody': { expected: 'REFUSED' },
    'policy names no phone number': { params: { ...NAMED, phoneNumber: undefined }, expected: 'REFUSED' },
    'the account has another security contact': {
      params: NAMED,
      async arrange({ accounts }, context) {
        const contact = { Name: 'Ada', Title: 'CISO', EmailAddress: 'ada@example.com', PhoneNumber: '+1 555 0100' };
        await accounts.send(new PutAlternateContactCommand({ AlternateContactType: 'SECURITY', ...contact }));
        return accountResource(context);
      },
      expected: 'COMPLIANT',
    },
  },
});
