/**
 * Lambda.1 (Config rule lambda-function-public-access-prohibited).
 * https://docs.aws.amazon.com/securityhub/latest/userguide/lambda-controls.html#lambda-1
 */
import { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { defineRemediation, isRefusal } from '../../../contract/remediation.ts';
import { closedPolicies, policiesChangeText, unrestorable } from '../closed-policies.ts';
import {
  FunctionPolicy,
  functionTags,
  lambdaFunction,
  POLICY_PERMISSIONS,
  readPolicies,
  writePolicies,
} from '../function-policies.ts';

export default defineRemediation({
  id: 'lambda/close-function-policies',
  title: 'Close the policies of a function to the public',
  handles: { controls: ['Lambda.1'] },
  risk: 'disruptive',
  target: lambdaFunction,
  params: z.strictObject({}),
  state: z.strictObject({ policies: z.array(FunctionPolicy) }),
  ...POLICY_PERMISSIONS,
  clients: { lambda: LambdaClient },
}).by({
  async read(context) {
    const policies = await readPolicies(context);
    return policies && { policies };
  },
  want({ policies }, { account }) {
    const closed = closedPolicies(policies, account);
    return isRefusal(closed) ? closed : { policies: closed };
  },
  write: (context, from, to) => writePolicies(context, from.policies, to.policies),
  loses: (from, to) => unrestorable(from.policies, to.policies),
  tags: (context) => functionTags(context),
  summary: (from, to) => policiesChangeText(from.policies, to.policies),
});
