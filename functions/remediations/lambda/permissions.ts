/**
 * The statements of a function's policies, which AddPermission writes and RemovePermission removes, one by one.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
import type { AddPermissionRequest } from '@aws-sdk/client-lambda';
import * as z from 'zod';

const Conditions = z.record(z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())])));
export const FunctionStatement = z.looseObject({
  Sid: z.string(),
  Effect: z.string(),
  Principal: z.union([z.string(), z.record(z.string(), z.string())]),
  Action: z.union([z.string(), z.array(z.string())]),
  Condition: Conditions.optional(),
});
export type FunctionStatement = z.infer<typeof FunctionStatement>;

/** Parses a policy. Lambda writes everybody in two forms, which become one here. */
export const parseStatements = (text: string | undefined): FunctionStatement[] =>
  z
    .object({ Statement: z.array(FunctionStatement) })
    .parse(JSON.parse(text ?? '{"Statement":[]}'))
    .Statement.map((each) => (principalOf(each) === '*' ? { ...each, Principal: '*' } : each))
    .sort((a, b) => (a.Sid < b.Sid ? -1 : 1));

const principalOf = ({ Principal }: FunctionStatement): string =>
  typeof Principal === 'string' ? Principal : (Object.values(Principal)[0] ?? '');

/** By the condition key in lower case: its operator, and the member of AddPermission. */
const MEMBERS: Readonly<Record<string, readonly [operator: string, member: keyof AddPermissionRequest]>> = {
  'aws:sourceaccount': ['StringEquals', 'SourceAccount'],
  'aws:sourcearn': ['ArnLike', 'SourceArn'],
  'aws:principalorgid': ['StringEquals', 'PrincipalOrgID'],
  'lambda:functionurlauthtype': ['StringEquals', 'FunctionUrlAuthType'],
  'lambda:eventsourcetoken': ['StringEquals', 'EventSourceToken'],
};
const VIA_URL = 'lambda:invokedviafunctionurl';

/** Returns the call that writes exactly this statement; undefined if none does. */
export function additionOf(statement: FunctionStatement): Omit<AddPermissionRequest, 'FunctionName'> | undefined {
  const { Sid, Effect, Action, Condition = {} } = statement;
  if (Effect !== 'Allow' || typeof Action !== 'string') return undefined;
  const members: Record<string, string | boolean> = {};
  for (const [operator, keys] of Object.entries(Condition))
    for (const [key, value] of Object.entries(keys)) {
      const [expected, member] = MEMBERS[key.toLowerCase()] ?? [];
      if (key.toLowerCase() === VIA_URL && operator === 'Bool' && value === 'true')
        members.InvokedViaFunctionUrl = true;
      else if (member && operator === expected && typeof value === 'string') members[member] = value;
      else return undefined;
    }
  return { StatementId: Sid, Action, Principal: principalOf(statement), ...members };
}

/**
 * Limits a statement for S3 to buckets of the account. ARNs of buckets name no account, so AWS counts the statement as
 * public without that limit.
 */
export function withAccount(statement: FunctionStatement, account: string): FunctionStatement {
  const { Sid, Condition = {} } = statement;
  const keys = Object.values(Condition)
    .flatMap(Object.keys)
    .map((key) => key.toLowerCase());
  if (principalOf(statement) !== 's3.amazonaws.com' || keys.includes('aws:sourceaccount')) return statement;
  const StringEquals = { ...Condition.StringEquals, 'AWS:SourceAccount': account };
  return { ...statement, Sid: `${Sid.slice(0, 88)}-own-account`, Condition: { ...Condition, StringEquals } };
}

/** Returns whom the function no longer lets in without this statement. */
export const callersText = (statement: FunctionStatement): string =>
  JSON.stringify(statement.Condition ?? {})
    .toLowerCase()
    .includes('functionurl')
    ? 'unsigned callers of the function URL'
    : principalOf(statement) === 's3.amazonaws.com'
      ? 'buckets of other accounts'
      : 'everybody';
