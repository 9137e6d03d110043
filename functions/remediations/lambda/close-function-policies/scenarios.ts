import { defineScenarios } from '../../../contract/scenario.ts';
import {
  addPermissions,
  FUNCTION_CLIENTS,
  functionResource,
  functionWith,
  type NewPermission,
  tagFunction,
} from '../fixtures.ts';
import closeFunctionPolicies from './index.ts';

const EVERYBODY: NewPermission = { StatementId: 'everybody', Principal: '*' };
const PARTNER: NewPermission = { StatementId: 'partner', Principal: '444455556666' };
const OWN_URL: NewPermission = {
  ...{ StatementId: 'FunctionURLAllowPublicAccess', Principal: '*' },
  ...{ Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' },
};
const BUCKET: NewPermission = {
  ...{ StatementId: 'bucket', Principal: 's3.amazonaws.com', SourceArn: 'arn:aws:s3:::orders' },
};

export default defineScenarios(closeFunctionPolicies, {
  clients: FUNCTION_CLIENTS,
  faulty: functionWith([EVERYBODY]),
  fault: ({ lambda }, { target }) => addPermissions(lambda, target.function, [EVERYBODY]),
  tag: tagFunction,
  scenarios: {
    'everybody may call it': { expected: 'FIXED' },
    'everybody may call it beside a partner, and Terraform manages it': {
      arrange: functionWith([PARTNER, EVERYBODY], { ManagedBy: 'terraform' }),
      expected: 'FIXED',
    },
    'everybody may call its alias and its version': {
      arrange: functionWith([PARTNER, { ...EVERYBODY, Qualifier: 'live' }, { ...EVERYBODY, Qualifier: '1' }]),
      expected: 'FIXED',
    },
    'its URL takes unsigned requests': { arrange: functionWith([OWN_URL]), expected: 'FIXED' },
    'buckets of any account may call it': { arrange: functionWith([BUCKET, PARTNER]), expected: 'FIXED' },
    'the organization may call it': {
      arrange: functionWith([{ ...EVERYBODY, PrincipalOrgID: 'o-exampleorgid' }]),
      expected: 'COMPLIANT',
    },
    'everybody of a pattern may call it': {
      arrange: functionWith([{ ...EVERYBODY, SourceArn: 'arn:aws:events:*:*:rule/orders-*' }]),
      expected: 'REFUSED',
    },
    'a bucket of one account may call it': {
      arrange: functionWith([{ ...BUCKET, SourceAccount: '444455556666' }]),
      expected: 'COMPLIANT',
    },
    'only a partner may call it': { arrange: functionWith([PARTNER]), expected: 'COMPLIANT' },
    'nobody else may call it': { arrange: functionWith([]), expected: 'COMPLIANT' },
    'it is gone': { arrange: async (_, context) => functionResource(context, context.name), expected: 'COMPLIANT' },
  },
});
