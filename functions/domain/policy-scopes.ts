/** The scopes of the policy's rules: accounts and organizational units. */
import * as z from 'zod';

export const PolicyAccount = z.string().regex(/^\d{12}$/, 'must be the 12 digits of an account id, in quotes');
export const PolicyUnit = z
  .string()
  .regex(/^\/[^/]*(\/[^/]+)*$/, 'must be a path of organizational units, such as /Workloads/Production');
