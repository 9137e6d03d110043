/** Asks every list for the smallest page that its service gives, so that whoever reads one page only is found out. */
import { NormalizedSchema } from '@smithy/core/schema';

/** Members by which operations take a page's size. EC2 gives five at least. */
const SIZES = ['MaxResults', 'MaxItems', 'MaxKeys', 'MaxBuckets', 'Limit'];
const SMALLEST = { EC2Client: 5 } as Readonly<Record<string, number>>;

/** Middleware of step `initialize`. Calls that name what they want are left alone: EC2 refuses a page size beside ids. */
export const smallPages = (next: any, context: any) => async (args: any) => {
  const [, , , , input] = context.__smithy_context.operationSchema;
  const members = Object.keys(NormalizedSchema.of(input).getMemberSchemas());
  const size = SIZES.find((name) => members.includes(name));
  const named = Object.keys(args.input).some((name) => /(Ids|Names|Arns)$/.test(name));
  if (!size || named || args.input[size] !== undefined) return next(args);
  return next({ ...args, input: { ...args.input, [size]: SMALLEST[context.clientName] ?? 1 } });
};
