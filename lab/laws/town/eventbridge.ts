/** A bus with a rule, and an archive. */
import type { TownBuilder } from './site.ts';

export const buildEventbridge: TownBuilder = async ({ call }) => {
  const { EventBusArn } = await call('CreateEventBus', { Name: 'town' });
  await call('PutRule', { Name: 'town', EventBusName: 'town', EventPattern: '{"source":["town"]}' });
  await call('CreateArchive', { ArchiveName: 'town', EventSourceArn: EventBusArn });
};
