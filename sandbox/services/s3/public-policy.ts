/**
 * What S3 calls a public policy: an Allow for everyone that no condition ties to fixed values.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
import { type IamPolicy, type IamStatement, listOf } from '../../authorization/policy.ts';

/** Condition keys that make a policy non-public when their values are fixed, in lower case. */
const NARROWING = new Set([
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:sourceip',
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceowner',
  'aws:sourceaccount',
  'aws:userid',
  's3:dataaccesspointarn',
  's3:dataaccesspointaccount',
]);

export const isPublic = (policy: IamPolicy): boolean =>
  listOf(policy.Statement).some(
    (statement) => statement.Effect === 'Allow' && namesEveryone(statement) && !isNarrowed(statement),
  );

function namesEveryone({ Principal, NotPrincipal }: IamStatement): boolean {
  if (NotPrincipal !== undefined || Principal === '*') return true;
  return listOf(Principal?.AWS).includes('*');
}

const isNarrowed = ({ Condition }: IamStatement): boolean =>
  Object.entries(Condition ?? {}).some(
    ([operator, keys]) =>
      !/not|ifexists|null/i.test(operator) &&
      Object.entries(keys).some(
        ([key, values]) =>
          NARROWING.has(key.toLowerCase()) && listOf(values).every((value) => isFixed(key, String(value))),
      ),
  );

/** A source address may be a range, though not of everything; other values have neither wildcards nor variables. */
function isFixed(key: string, value: string): boolean {
  if (key.toLowerCase() === 'aws:sourceip') return !value.endsWith('/0');
  return !/[*?]|\$\{/.test(value);
}
