/** A message of the failures queue: an execution that ended, perhaps without the ledger's knowledge. */
import * as z from 'zod';

export const EndedExecution = z.object({
  execution: z.string().startsWith('arn:'),
  started: z.union([z.iso.datetime(), z.number().transform((at) => new Date(at).toISOString())]),
});
export type EndedExecution = z.infer<typeof EndedExecution>;
