/** Names of what a place of messages has in AWS. The command line reads them before it loads anything. */
import { type InstallationId, namesOf } from './names.ts';

/** Returns the name of a place's rules, role, connection and API destination, without the prefix. */
export const destinationName = (place: string): string => `messages-${place}`;
export const placeQueue = (installation: InstallationId, place: string): string =>
  namesOf(installation).own(`${destinationName(place)}-dlq`);

/** Returns the place whose dead letters a queue has. */
export function placeOfQueue(installation: InstallationId, queue: string): string | undefined {
  const [start = '', end = ''] = placeQueue(installation, '*').split('*');
  const isOfPlace = queue.length > start.length + end.length && queue.startsWith(start) && queue.endsWith(end);
  return isOfPlace ? queue.slice(start.length, -end.length) : undefined;
}
