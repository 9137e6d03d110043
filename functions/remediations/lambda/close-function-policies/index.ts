/**
 * Lambda.1 (Config rule lambda-function-public-access-prohibited).
 * https://docs.aws.amazon.com/securityhub/latest/userguide/lambda-controls.html#lambda-1
 */
import { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { defineRemediation, isRefusal } from '../../../contract/remediation.ts';
import { closedPolicies, policiesChangeText, unrestorable } from '../closed-policies.ts';
import { FUNCTION_ARN, FunctionPolicy, functionTags, lambdaFunction, QUALIFIED_ARN } from '../function-policies.ts';
import { readPolicies, writePolicies } from '../function-policies.ts';

const RESOURCES = [FUNCTION_ARN, QUALIFIED_ARN] as const;
const WILDCARD = 'versions and aliases of the function have policies of their own';

export default defineRemediation({
  id: 'lambda/close-function-policies',
  title: 'Close the policies of a function to the public',
  handles: { controls: ['Lambda.1'] },
  risk: 'disruptive',
  target: lambdaFunction,
  params: z.strictObject({}),
  state: z.strictObject({ policies: z.array(FunctionPolicy) }),
  reads: [
    {
      actions: ['lambda:GetPolicy'],
      resources: RESOURCES,
      because: 'who may call the function, its versions and aliases',
    },
    {
      actions: ['lambda:ListVersionsByFunction', 'lambda:ListAliases', 'lambda:ListTags'],
      resources: [FUNCTION_ARN],
      because: 'its versions and aliases, and who manages it',
    },
  ],
  writes: [
    {
      actions: ['lambda:AddPermission', 'lambda:RemovePermission'],
      ...{ resources: RESOURCES, because: 'removes and narrows statements; rollback adds them again' },
      wildcardBecause: WILDCARD,
    },
  ],
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
