/**
 * A Security Hub finding (ASFF), limited to the fields that Suture uses. It is untrusted input: Suture never writes a
 * value from it.
 */
import * as z from 'zod';
import { FindingResource, RegionName } from '../contract/remediation.ts';
import { StartOptions } from './start-options.ts';

const text = (maxLength: number) => z.string().max(maxLength);

/**
 * The ARN of Security Hub's own product. An account may import findings of its own product, under any id: an id names a
 * finding only together with this product.
 */
export const SECURITY_HUB_PRODUCT =
  /^arn:(?<partition>aws|aws-cn|aws-us-gov):securityhub:(?<region>[a-z0-9-]+)::product\/aws\/securityhub$/;

/** Limits are those of the ASFF syntax page. Parsing drops all other fields. */
export const Finding = z.object({
  Id: text(512).min(1),
  ProductArn: text(2048),
  GeneratorId: text(512),
  AwsAccountId: z.string().regex(/^\d{12}$/, 'must be 12 digits'),
  Region: RegionName.optional(),
  Title: text(256).optional(),
  UpdatedAt: text(64).optional(),
  RecordState: z.enum(['ACTIVE', 'ARCHIVED']),
  Workflow: z.object({ Status: z.enum(['NEW', 'NOTIFIED', 'RESOLVED', 'SUPPRESSED']) }),
  Compliance: z
    .object({
      Status: z.enum(['PASSED', 'FAILED', 'WARNING', 'NOT_AVAILABLE']),
      SecurityControlId: text(128).optional(),
      SecurityControlParameters: z
        .array(z.object({ Name: text(256), Value: z.array(text(1024)).max(64) }))
        .max(32)
        .optional(),
    })
    .optional(),
  Severity: z.object({ Label: text(32).optional() }).optional(),
  Note: z
    .object({ UpdatedBy: text(512), UpdatedAt: text(64).optional() })
    .optional()
    .catch(undefined),
  Resources: z.array(FindingResource).min(1, 'names no resource').max(32),
  ProductFields: z.record(z.string(), z.string()).optional(),
});
export type Finding = z.infer<typeof Finding>;

/** Whether Security Hub says that nothing is wrong any more: the control passes, or its resource is gone. */
export const isPassed = ({ RecordState, Compliance }: Finding): boolean =>
  RecordState === 'ARCHIVED' || Compliance?.Status === 'PASSED';

/** The sender of an event controls `detail` alone. */
export const FindingEvent = z.object({
  id: text(128).min(1),
  'detail-type': text(128),
  source: text(256),
  account: text(12),
  region: text(32),
  time: text(64).optional(),
  resources: z.array(text(2048)).optional(),
  askedBy: text(2048).optional(),
  startOptions: StartOptions.optional(),
  /** EventBridge adds it to events that it replays from an archive. */
  'replay-name': text(128).optional(),
  detail: z.object({ findings: z.array(z.unknown()), actionName: text(256).optional() }),
});
export type FindingEvent = z.infer<typeof FindingEvent>;

/** Top-level scalars of a resource's Details (such as `AwsIamUser.UserName`) that a job keeps. */
const MAX_SCALARS = 40;
const MAX_SCALAR_LENGTH = 256;

/**
 * Reduces a resource's Details to the top-level scalars of its own type, so that a job stays small whatever the
 * finding's size. It keeps the tags, because exceptions of a later policy may need them.
 */
export function slimResource({ Type, Id, Region, Partition, Tags, Details }: FindingResource): FindingResource {
  const details = Details && Object.hasOwn(Details, Type) ? Details[Type] : undefined;
  if (typeof details !== 'object' || details === null) return { Type, Id, Region, Partition, Tags };
  const scalars = Object.entries(details)
    .filter(
      ([, value]) =>
        ['string', 'number', 'boolean'].includes(typeof value) && String(value).length <= MAX_SCALAR_LENGTH,
    )
    .slice(0, MAX_SCALARS);
  return { Type, Id, Region, Partition, Tags, Details: { [Type]: Object.fromEntries(scalars) } };
}
