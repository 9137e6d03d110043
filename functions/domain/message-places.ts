/** Places of messages and tickets outside of AWS, as the context configures them and the API and its people see them. */
import * as z from 'zod';
import { MESSAGE_PLACES, MESSAGE_SEVERITIES } from './message-kinds.ts';
import { type InstallationId, namesOf } from './names.ts';

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

/** Without the prefix. Of rules, role, connection and API destination of a place. */
export const destinationName = (place: string): string => `messages-${place}`;
export const placeQueue = (installation: InstallationId, place: string): string =>
  namesOf(installation).own(`${destinationName(place)}-dlq`);

/** Returns the place whose dead letters a queue has. */
export function placeOfQueue(installation: InstallationId, queue: string): string | undefined {
  const [start = '', end = ''] = placeQueue(installation, '*').split('*');
  const isOfPlace = queue.length > start.length + end.length && queue.startsWith(start) && queue.endsWith(end);
  return isOfPlace ? queue.slice(start.length, -end.length) : undefined;
}
