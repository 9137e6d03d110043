import {
  DeleteAccountPasswordPolicyCommand,
  type IAMClient,
  UpdateAccountPasswordPolicyCommand,
  type UpdateAccountPasswordPolicyCommandInput,
} from '@aws-sdk/client-iam';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { accountResource } from '../../kit/account.ts';
import { ifExists } from '../user.ts';
import strengthenPasswordPolicy from './index.ts';

type ArrangeAccount = Arrange<{ readonly iam: IAMClient }, {}>;

const policy =
  (settings: UpdateAccountPasswordPolicyCommandInput): ArrangeAccount =>
  async ({ iam }, context) => {
    await iam.send(new UpdateAccountPasswordPolicyCommand({ AllowUsersToChangePassword: true, ...settings }));
    return accountResource(context);
  };

const noPolicy: ArrangeAccount = async ({ iam }, context) => {
  await ifExists(iam.send(new DeleteAccountPasswordPolicyCommand({})));
  return accountResource(context);
};

const STRONG: UpdateAccountPasswordPolicyCommandInput = {
  MinimumPasswordLength: 20,
  RequireUppercaseCharacters: true,
  RequireLowercaseCharacters: true,
  RequireNumbers: true,
  RequireSymbols: true,
  PasswordReusePrevention: 24,
  MaxPasswordAge: 30,
};

export default defineScenarios(strengthenPasswordPolicy, {
  faulty: policy({ MinimumPasswordLength: 6 }),
  scenarios: {
    'the policy asks for nothing': { expected: 'FIXED' },
    'there is no policy': { arrange: noPolicy, expected: 'FIXED' },
    'there is no policy, and upper-case letters are asked for': {
      control: 'IAM.11',
      arrange: noPolicy,
      expected: 'FIXED',
    },
    'PCI DSS asks for expiry and new passwords': { control: 'IAM.10', expected: 'FIXED' },
    'upper-case letters are not required': { control: 'IAM.11', expected: 'FIXED' },
    'lower-case letters are not required': { control: 'IAM.12', expected: 'FIXED' },
    'symbols are not required': { control: 'IAM.13', expected: 'FIXED' },
    'numbers are not required': { control: 'IAM.14', expected: 'FIXED' },
    'passwords may be short': { control: 'IAM.15', expected: 'FIXED' },
    'passwords may be used again': { control: 'IAM.16', expected: 'FIXED' },
    'passwords do not expire': { control: 'IAM.17', expected: 'FIXED' },
    'passwords expire after half a year': {
      control: 'IAM.17',
      arrange: policy({ MaxPasswordAge: 180 }),
      expected: 'FIXED',
    },
    'policy asks for 16 characters': {
      arrange: policy({ ...STRONG, MinimumPasswordLength: 12 }),
      params: { MinimumPasswordLength: 16 },
      expected: 'FIXED',
    },
    'an expiry that would lock people out': {
      control: 'IAM.17',
      arrange: policy({ MaxPasswordAge: 180, HardExpiry: true }),
      expected: 'REFUSED',
    },
    'the policy is stricter already': { arrange: policy(STRONG), expected: 'COMPLIANT' },
    'policy allows passwords without symbols': {
      arrange: policy({ ...STRONG, RequireSymbols: false }),
      params: { RequireSymbols: false },
      expected: 'COMPLIANT',
    },
  },
});
