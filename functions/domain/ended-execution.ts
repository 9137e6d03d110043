/** A message of the failures queue: an execution that is over, and whose end the ledger may not know. */
import * as z from 'zod';

export const EndedExecution = z.object({
  /** ARN. */
  execution: z.string().startsWith('arn:'),
  /** ISO 8601; Step Functions' events say it in milliseconds since 1970. */
  started: z.union([z.iso.datetime(), z.number().transform((at) => new Date(at).toISOString())]),
});
export type EndedExecution = z.infer<typeof EndedExecution>;
