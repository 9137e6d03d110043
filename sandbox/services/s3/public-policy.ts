/**
 * S3's definition of a public policy: an Allow for everyone that no condition limits to fixed values.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
import { asList, type IamPolicy, type IamStatement } from '../../authorization/policy.ts';

/** Lower case. Fixed values of these condition keys make a policy non-public. */
const LIMITING_KEYS = new Set([
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

export const isPublicPolicy = (policy: IamPolicy): boolean =>
  asList(policy.Statement).some(
    (statement) => statement.Effect === 'Allow' && namesEveryone(statement) && !isLimited(statement),
  );

function namesEveryone({ Principal, NotPrincipal }: IamStatement): boolean {
  if (NotPrincipal !== undefined || Principal === '*') return true;
  return asList(Principal?.AWS).includes('*');
}

const isLimited = ({ Condition }: IamStatement): boolean =>
  Object.entries(Condition ?? {}).some(
    ([operator, keys]) =>
      !/not|ifexists|null/i.test(operator) &&
      Object.entries(keys).some(
        ([key, values]) =>
          LIMITING_KEYS.has(key.toLowerCase()) && asList(values).every((value) => isFixed(key, String(value))),
      ),
  );

/** Returns true for a range of addresses other than /0, and for a value without wildcards and variables. */
function isFixed(key: string, value: string): boolean {
  if (key.toLowerCase() === 'aws:sourceip') return !value.endsWith('/0');
  return !/[*?]|\$\{/.test(value);
}
