/** The form of the prefix in all names of an installation. */
import * as z from 'zod';

/** Prefixes that AWS reserves, and names of paths and buses that the default installation or AWS has. */
const RESERVED = ['amazon', 'amzn', 'aws', 'default', 'people', 'remediation', 'response', 'rollback', 'sthree'];

/**
 * Without a hyphen, so that no pattern such as `suture-*` matches the names of another installation. The custom action
 * of Security Hub has 20 characters at most, nine of which follow the prefix.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateActionTarget.html
 */
export const Prefix = z
  .string()
  .regex(/^[a-z][a-z0-9]{1,10}$/, 'a letter, then 1 to 10 lower-case letters and digits, such as staging')
  .refine((prefix) => !RESERVED.includes(prefix), `another prefix than ${RESERVED.join(', ')}`);
