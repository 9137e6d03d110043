import * as z from 'zod';
import { AwsError, type Kernel, type ResourceName } from '../kernel/kernel.ts';

/** Tags have no effect in the sandbox. */
export const tagsSchema = z.array(z.strictObject({ Key: z.string(), Value: z.string() }));

/** Templates may write a boolean as a string. */
export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/** @throws AwsError ValidationError naming type, logical id and property; also for unknown properties */
export function parseProperties<T>(type: string, schema: z.ZodType<T>, properties: unknown, resource: ResourceName): T {
  const parsed = schema.safeParse(properties ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'Properties'}: ${issue.message}`);
  throw new AwsError('ValidationError', `${resource.logicalId} (${type}): ${problems.join('; ')}`);
}

/** Returns a name as CloudFormation generates it for a resource without a name in its template. */
export function physicalName(kernel: Kernel, resource: ResourceName, suffix = '', max = 80): string {
  const random = kernel.id('', 12).toUpperCase();
  const room = max - suffix.length - random.length - 2;
  const stack = resource.stack.slice(0, Math.floor(room / 2));
  return `${stack}-${resource.logicalId.slice(0, room - stack.length)}-${random}${suffix}`;
}
