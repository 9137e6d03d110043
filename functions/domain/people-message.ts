/** Messages that the API has the function notify send to people at once, each by itself. */
import * as z from 'zod';
import { Reason } from './api-runs.ts';
import { Proposal } from './proposal.ts';

export const PeopleMessage = z.union([
  z.strictObject({ proposal: Proposal }),
  /** A person's own words. */
  z.strictObject({ by: z.string(), at: z.string(), words: z.string() }),
]);
export type PeopleMessage = z.infer<typeof PeopleMessage>;

export const AnnounceRequest = z.strictObject({ words: Reason });
