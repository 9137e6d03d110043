/**
 * The policies of a function, and of each of its versions and aliases. Lambda evaluates only one of them: the policy of
 * the function, version or alias that is called.
 */
import {
  AddPermissionCommand,
  GetPolicyCommand,
  type LambdaClient,
  ListTagsCommand,
  paginateListAliases,
  paginateListVersionsByFunction,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { isNamed } from '../../contract/errors.ts';
import { arn, type Place, type ResourceTags } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { additionOf, FunctionStatement, parseStatements } from './permissions.ts';

const FUNCTION_ARN = 'arn:{partition}:lambda:{region}:{account}:function:{function}';
/** Its versions and aliases. */
const QUALIFIED_ARN = 'arn:{partition}:lambda:{region}:{account}:function:{function}:*';
export const lambdaFunction = arn('AwsLambdaFunction', FUNCTION_ARN, { function: /[\w-]{1,64}/ });

const RESOURCES = [FUNCTION_ARN, QUALIFIED_ARN] as const;
const WILDCARD = 'versions and aliases of the function have policies of their own';

export const POLICY_PERMISSIONS = {
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
} as const;

/** The policy of the function itself has no qualifier. */
export const FunctionPolicy = z.strictObject({
  qualifier: z.string().optional(),
  statements: z.array(FunctionStatement),
});
export type FunctionPolicy = z.infer<typeof FunctionPolicy>;

type FunctionContext = Place & { readonly lambda: LambdaClient; readonly target: { readonly function: string } };

/** Returns the policies that exist; undefined if the function is gone. */
export async function readPolicies({ lambda, target }: FunctionContext): Promise<FunctionPolicy[] | undefined> {
  const FunctionName = target.function;
  const policies: FunctionPolicy[] = [];
  try {
    for (const qualifier of [undefined, ...(await qualifiers(lambda, FunctionName))]) {
      const answer = lambda.send(new GetPolicyCommand({ FunctionName, Qualifier: qualifier }));
      const statements = parseStatements((await orUndefined(answer, 'ResourceNotFoundException'))?.Policy);
      if (statements.length > 0) policies.push({ ...(qualifier && { qualifier }), statements });
    }
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
  return policies;
}

async function qualifiers(client: LambdaClient, FunctionName: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { Versions = [] } of paginateListVersionsByFunction({ client }, { FunctionName }))
    names.push(...Versions.map(({ Version }) => Version!).filter((version) => version !== '$LATEST'));
  for await (const { Aliases = [] } of paginateListAliases({ client }, { FunctionName }))
    names.push(...Aliases.map(({ Name }) => Name!));
  return names.sort();
}

/** Adds statements before it removes others, so that callers who keep access never lose it for a moment. */
export async function writePolicies(
  { lambda, target }: FunctionContext,
  from: readonly FunctionPolicy[],
  to: readonly FunctionPolicy[],
): Promise<void> {
  const FunctionName = target.function;
  for (const { qualifier: Qualifier, statement } of missingIn(from, to)) {
    const addition = lambda.send(new AddPermissionCommand({ FunctionName, Qualifier, ...additionOf(statement)! }));
    await orUndefined(addition, 'ResourceConflictException');
  }
  for (const { qualifier: Qualifier, statement } of missingIn(to, from)) {
    const removal = new RemovePermissionCommand({ FunctionName, Qualifier, StatementId: statement.Sid });
    await orUndefined(lambda.send(removal), 'ResourceNotFoundException');
  }
}

/** Returns the statements that only `others` have. */
export const missingIn = (policies: readonly FunctionPolicy[], others: readonly FunctionPolicy[]) =>
  others.flatMap(({ qualifier, statements }) => {
    const known = policies.find((each) => each.qualifier === qualifier)?.statements ?? [];
    return statements
      .filter(({ Sid }) => !known.some((each) => each.Sid === Sid))
      .map((statement) => ({ qualifier, statement }));
  });

export async function functionTags({ lambda, target, ...place }: FunctionContext): Promise<ResourceTags> {
  const { partition, region, account } = place;
  const Resource = `arn:${partition}:lambda:${region}:${account}:function:${target.function}`;
  return (await lambda.send(new ListTagsCommand({ Resource }))).Tags ?? {};
}
