/** What the CloudFormation resource types of the messaging services share. */
import * as z from 'zod';
import { AwsError, type Kernel } from '../kernel/kernel.ts';

type Resource = { readonly logicalId: string; readonly stack: string };

/** Tags have no effect on what the sandbox does with a resource. */
export const tagsSchema = z.array(z.strictObject({ Key: z.string(), Value: z.string() }));

/** A boolean, which templates may write as a string. */
export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/** Checks a resource's properties; what is unknown is refused with type, logical id and property. */
export function parseProperties<T>(type: string, schema: z.ZodType<T>, properties: unknown, resource: Resource): T {
  const parsed = schema.safeParse(properties ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'Properties'}: ${issue.message}`);
  throw new AwsError('ValidationError', `${resource.logicalId} (${type}): ${problems.join('; ')}`);
}

/** A name as CloudFormation makes one for a resource whose template gives none. */
export function physicalName(kernel: Kernel, resource: Resource, suffix = '', max = 80): string {
  const random = kernel.id('', 12).toUpperCase();
  const room = max - suffix.length - random.length - 2;
  const stack = resource.stack.slice(0, Math.floor(room / 2));
  return `${stack}-${resource.logicalId.slice(0, room - stack.length)}-${random}${suffix}`;
}
