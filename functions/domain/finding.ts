/** A Security Hub finding (ASFF), cut to the fields that Suture uses. A finding is untrusted input: nothing to write is ever taken from it. */
import * as z from 'zod';
import { FindingResource, RegionName } from '../contract/remediation.ts';
import { Wishes } from './asked.ts';

const text = (most: number) => z.string().max(most);

/** The fields used, with the limits of the ASFF syntax page. Everything else is dropped at the door. */
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
    })
    .optional(),
  Severity: z.object({ Label: text(32).optional() }).optional(),
  Resources: z.array(FindingResource).min(1, 'names no resource').max(32),
  ProductFields: z.record(z.string(), z.string()).optional(),
});
export type Finding = z.infer<typeof Finding>;

/**
 * The envelope of an EventBridge event that carries findings. An execution that a person starts by hand says so in its input;
 * no event from the bus can: senders choose `detail` alone.
 */
export const FindingEvent = z.object({
  id: text(128).min(1),
  'detail-type': text(128),
  source: text(256),
  account: text(12),
  region: text(32),
  time: text(64).optional(),
  resources: z.array(text(2048)).optional(),
  /** ARN of who started the execution by hand, and so asks for its change. */
  askedBy: text(2048).optional(),
  asks: Wishes.optional(),
  /** EventBridge writes it into events that it takes from an archive. */
  'replay-name': text(128).optional(),
  detail: z.object({ findings: z.array(z.unknown()), actionName: text(256).optional() }),
});
export type FindingEvent = z.infer<typeof FindingEvent>;

/** At most this many characters of a resource's Details travel on: top-level scalars such as `AwsIamUser.UserName`. */
const SCALAR_LIMIT = 256;
const SCALARS_LIMIT = 40;

/**
 * The resource with its Details cut to top-level scalars of its own type, so that a case stays small whatever the finding's
 * size. Its tags stay: exceptions of a policy that comes later may ask for them.
 */
export function slimResource({ Type, Id, Region, Partition, Tags, Details }: FindingResource): FindingResource {
  const details = Details && Object.hasOwn(Details, Type) ? Details[Type] : undefined;
  if (typeof details !== 'object' || details === null) return { Type, Id, Region, Partition, Tags };
  const scalars = Object.entries(details)
    .filter(
      ([, value]) => ['string', 'number', 'boolean'].includes(typeof value) && String(value).length <= SCALAR_LIMIT,
    )
    .slice(0, SCALARS_LIMIT);
  return { Type, Id, Region, Partition, Tags, Details: { [Type]: Object.fromEntries(scalars) } };
}
