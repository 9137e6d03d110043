import {
  DeleteAccountPasswordPolicyCommand,
  type IAMClient,
  UpdateAccountPasswordPolicyCommand,
  type UpdateAccountPasswordPolicyCommandInput,
} from '@aws-sdk/client-iam';
import { type Arrange, defineCases } from '../../../contract/scenario.ts';
import { accountResource } from '../../account.ts';
import { unlessMissing } from '../user.ts';
import strengthenPasswordPolicy from './index.ts';

type With = Arrange<{ readonly iam: IAMClient }, {}>;

const policy =
  (settings: UpdateAccountPasswordPolicyCommandInput): With =>
  async ({ iam }, where) => {
    await iam.send(new UpdateAccountPasswordPolicyCommand({ AllowUsersToChangePassword: true, ...settings }));
    return accountResource(where);
  };

const noPolicy: With = async ({ iam }, where) => {
  await unlessMissing(iam.send(new DeleteAccountPasswordPolicyCommand({})));
  return accountResource(where);
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

export default defineCases(strengthenPasswordPolicy, {
  faulty: policy({ MinimumPasswordLength: 6 }),
  cases: {
    'the policy asks for nothing': { then: 'FIXED' },
    'there is no policy': { arrange: noPolicy, then: 'FIXED' },
    'there is no policy, and upper-case letters are asked for': {
      control: 'IAM.11',
      arrange: noPolicy,
      then: 'FIXED',
    },
    'PCI DSS asks for expiry and new passwords': { control: 'IAM.10', then: 'FIXED' },
    'upper-case letters are not required': { control: 'IAM.11', then: 'FIXED' },
    'lower-case letters are not required': { control: 'IAM.12', then: 'FIXED' },
    'symbols are not required': { control: 'IAM.13', then: 'FIXED' },
    'numbers are not required': { control: 'IAM.14', then: 'FIXED' },
    'passwords may be short': { control: 'IAM.15', then: 'FIXED' },
    'passwords may be used again': { control: 'IAM.16', then: 'FIXED' },
    'passwords do not expire': { control: 'IAM.17', then: 'FIXED' },
    'passwords expire after half a year': {
      control: 'IAM.17',
      arrange: policy({ MaxPasswordAge: 180 }),
      then: 'FIXED',
    },
    'policy asks for 16 characters': {
      arrange: policy({ ...STRONG, MinimumPasswordLength: 12 }),
      params: { MinimumPasswordLength: 16 },
      then: 'FIXED',
    },
    'an expiry that would lock people out': {
      control: 'IAM.17',
      arrange: policy({ MaxPasswordAge: 180, HardExpiry: true }),
      then: 'REFUSED',
    },
    'the policy is stricter already': { arrange: policy(STRONG), then: 'COMPLIANT' },
    'the control was told to do without symbols': {
      arrange: policy({ ...STRONG, RequireSymbols: false }),
      params: { RequireSymbols: false },
      then: 'COMPLIANT',
    },
  },
});
