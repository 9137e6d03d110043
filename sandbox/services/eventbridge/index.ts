/** Sources: EventBridge API reference and user guide. */
import * as sdk from '@aws-sdk/client-eventbridge';
import { compilePattern } from '../../event-patterns/pattern.ts';
import { AwsError, defineService, type Service } from '../../kernel/kernel.ts';
import { SECRETSMANAGER } from '../secretsmanager/state.ts';
import { apiDestinationOperations } from './api-destinations.ts';
import { archiveOperations } from './archives.ts';
import { busOperations } from './buses.ts';
import { eventbridgeComparison } from './comparison.ts';
import { connectionOperations } from './connections.ts';
import { putEvents, putEventsNeeds } from './put-events.ts';
import { replayOperations } from './replays.ts';
import { eventbridgeResources } from './resources.ts';
import { ruleOperations } from './rules.ts';
import { EVENTBRIDGE, type EventBridgeState } from './state.ts';
import { eventBridgeTagOperations } from './tags.ts';

export const eventbridge: Service<typeof sdk, EventBridgeState> = defineService<typeof sdk, EventBridgeState>({
  ...EVENTBRIDGE,
  ...eventbridgeComparison,
  sdk,
  client: sdk.EventBridgeClient,
  prefix: 'events',
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/logging-using-cloudtrail.html
  trail: { unrecorded: ['PutEvents'], reads: ['TestEventPattern'] },
  alsoWrites: [SECRETSMANAGER],
  refuses: {
    CreateEventBus: ['EventSourceName', 'LogConfig'],
    DeleteRule: ['Force'],
    PutEvents: ['EndpointId'],
    RemoveTargets: ['Force'],
  },
  operations: {
    PutEvents: { needs: putEventsNeeds, run: putEvents },
    TestEventPattern: {
      run: (input) => ({ Result: compilePattern(input.EventPattern ?? '')(parseEvent(input.Event)) }),
    },
    ...busOperations,
    ...ruleOperations,
    ...archiveOperations,
    ...replayOperations,
    ...connectionOperations,
    ...apiDestinationOperations,
    ...eventBridgeTagOperations,
  },
  resources: eventbridgeResources,
});

function parseEvent(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    throw new AwsError('ValidationException', 'Parameter Event is not valid.');
  }
}
