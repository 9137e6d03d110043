import { type MessagePlaceState, MessagePlacesReply } from '../../functions/domain/api-messages.ts';
import type { SutureApi } from './api.ts';

export async function listMessagePlaces(api: SutureApi): Promise<MessagePlaceState[]> {
  return MessagePlacesReply.parse(await api.call('listMessagePlaces')).places;
}
