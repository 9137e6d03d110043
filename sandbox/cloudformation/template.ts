/**
 * The anatomy of a template and its limits.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
 */
import * as z from 'zod';
import { AwsError } from '../kernel/kernel.ts';

const deletionPolicy = z.enum(['Delete', 'Retain', 'Snapshot', 'RetainExceptOnCreate']);

const parameter = z.strictObject({
  Type: z.string(),
  Default: z.union([z.string(), z.number()]).optional(),
  Description: z.string().optional(),
  NoEcho: z.boolean().optional(),
  AllowedValues: z.array(z.union([z.string(), z.number()])).optional(),
  AllowedPattern: z.string().optional(),
  ConstraintDescription: z.string().optional(),
  MinLength: z.coerce.number().optional(),
  MaxLength: z.coerce.number().optional(),
  MinValue: z.coerce.number().optional(),
  MaxValue: z.coerce.number().optional(),
});

const resource = z.strictObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
  Condition: z.string().optional(),
  DeletionPolicy: deletionPolicy.optional(),
  UpdateReplacePolicy: deletionPolicy.optional(),
  Metadata: z.unknown().optional(),
});

const output = z.strictObject({
  Value: z.unknown(),
  Description: z.string().optional(),
  Condition: z.string().optional(),
  Export: z.strictObject({ Name: z.unknown() }).optional(),
});

const rule = z.strictObject({
  RuleCondition: z.unknown().optional(),
  Assertions: z.array(z.strictObject({ Assert: z.unknown(), AssertDescription: z.string().optional() })),
});

/** Quotas: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const LIMITS = { bytes: 1_000_000, Resources: 500, Parameters: 200, Outputs: 200, Mappings: 200 } as const;

const templateSchema = z.strictObject({
  AWSTemplateFormatVersion: z.literal('2010-09-09').optional(),
  Transform: z.literal('AWS::LanguageExtensions').optional(),
  Description: z.string().max(1024).optional(),
  Metadata: z.unknown().optional(),
  Parameters: z.record(z.string(), parameter).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Rules: z.record(z.string(), rule).default({}),
  Resources: z.record(z.string().regex(/^[A-Za-z0-9]{1,255}$/), resource),
  Outputs: z.record(z.string(), output).default({}),
});

export type Template = z.infer<typeof templateSchema>;
export type TemplateParameter = z.infer<typeof parameter>;
export type TemplateResource = z.infer<typeof resource>;

/** @throws AwsError ValidationError naming stack and path, for an unknown section or attribute or an exceeded limit */
export function parseTemplate(stackName: string, template: unknown): Template {
  const bytes = Buffer.byteLength(JSON.stringify(template));
  if (bytes > LIMITS.bytes) {
    throw templateError(stackName, `Template may not exceed ${LIMITS.bytes} bytes in size (it has ${bytes})`);
  }
  const parsed = templateSchema.safeParse(template);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(top level)'}: ${issue.message}`);
    throw templateError(stackName, issues.join('; '));
  }
  if (Object.keys(parsed.data.Resources).length === 0) {
    throw templateError(stackName, 'At least one Resources member must be defined.');
  }
  for (const section of ['Resources', 'Parameters', 'Outputs', 'Mappings'] as const) {
    const count = Object.keys(parsed.data[section]).length;
    if (count > LIMITS[section]) {
      const noun = section.toLowerCase().slice(0, -1);
      throw templateError(
        stackName,
        `Number of ${noun}s, ${count}, is greater than maximum allowed, ${LIMITS[section]}`,
      );
    }
  }
  return parsed.data;
}

/** @param path logical id and the path below it */
export function templateError(stackName: string, message: string, ...path: readonly (string | number)[]): AwsError {
  const where = path.length === 0 ? '' : ` at ${path.join('.')}`;
  return new AwsError('ValidationError', `Template error in stack ${stackName}${where}: ${message}`);
}
