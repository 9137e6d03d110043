/** A bus with a rule, an archive, and an API destination with its connection. */
import type { TownBuilder } from './site.ts';

export const buildEventbridge: TownBuilder = async ({ call }) => {
  const { EventBusArn } = await call('CreateEventBus', { Name: 'town' });
  await call('PutRule', { Name: 'town', EventBusName: 'town', EventPattern: '{"source":["town"]}' });
  await call('CreateArchive', { ArchiveName: 'town', EventSourceArn: EventBusArn });
  const { ConnectionArn } = await call('CreateConnection', {
    Name: 'town',
    AuthorizationType: 'API_KEY',
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x-key', ApiKeyValue: 'town' } },
  });
  const InvocationEndpoint = 'https://town.example/events';
  await call('CreateApiDestination', { Name: 'town', ConnectionArn, InvocationEndpoint, HttpMethod: 'POST' });
};
