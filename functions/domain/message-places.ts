/** Places of messages and tickets outside of AWS, as the context configures them and the API and its people see them. */
import * as z from 'zod';
import { MESSAGE_PLACES, MESSAGE_SEVERITIES } from './message-kinds.ts';

/** A place as the function of the API knows it: nothing in it is secret. */
export const MessagePlace = z.object({
  name: z.string(),
  kind: z.enum(MESSAGE_PLACES),
  /** The channel, project or service by which policy's owners name the place; absent where the event has it. */
  to: z.string().optional(),
  severities: z.array(z.enum(MESSAGE_SEVERITIES)),
  kinds: z.array(z.string()),
});
export type MessagePlace = z.infer<typeof MessagePlace>;
