/** Asks each list for the smallest page of its service, which reveals a remediation that reads only the first page. */
import { NormalizedSchema } from '@smithy/core/schema';

/** Members by which operations take the size of a page. */
const PAGE_SIZE_MEMBERS = ['MaxResults', 'MaxItems', 'MaxKeys', 'MaxBuckets', 'Limit', 'MaxRecords'];
/** EC2 refuses a page of fewer than five, RDS and its like of fewer than twenty. Other services accept one. */
const MIN_PAGE_SIZES: Readonly<Record<string, number>> = {
  EC2Client: 5,
  RDSClient: 20,
  DocDBClient: 20,
  NeptuneClient: 20,
  RedshiftClient: 20,
  ElastiCacheClient: 20,
};

/** Middleware of step `initialize`. Leaves calls with ids alone: EC2 refuses a page size beside ids. */
export const smallPages = (next: any, context: any) => async (args: any) => {
  const [, , , , input] = context.__smithy_context.operationSchema;
  const members = Object.keys(NormalizedSchema.of(input).getMemberSchemas());
  const size = PAGE_SIZE_MEMBERS.find((name) => members.includes(name));
  const hasIds = Object.keys(args.input).some((name) => /(Ids|Names|Arns)$/.test(name));
  if (!size || hasIds || args.input[size] !== undefined) return next(args);
  return next({ ...args, input: { ...args.input, [size]: MIN_PAGE_SIZES[context.clientName] ?? 1 } });
};
