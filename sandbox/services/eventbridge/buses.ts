import type * as sdk from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../kernel/kernel.ts';
import { putPermission, removePermission } from './bus-policy.ts';
import { authorizeBusKey } from './encryption.ts';
import { busNeeds, eventBridgePage } from './requests.ts';
import { type EventBridgeAt, type EventBridgeOperations, type EventBus, existingBus, newEventBus } from './state.ts';
import { eventBridgeTags } from './tags.ts';

export const busOperations: EventBridgeOperations = {
  CreateEventBus: {
    needs: busNeeds('CreateEventBus', (input) => input.Name),
    run: (input, at) => ({ EventBusArn: createBus(input, at).arn }),
  },
  DescribeEventBus: {
    needs: busNeeds('DescribeEventBus', (input) => input.Name),
    run: (input, at) => describeBus(existingBus(at.state, input.Name)),
  },
  ListEventBuses: {
    run: (input, at) => {
      const buses = [...at.state.buses.values()].filter((bus) => bus.name.startsWith(input.NamePrefix ?? ''));
      const page = eventBridgePage(buses, input);
      return { EventBuses: page.items.map(describeBus), NextToken: page.nextToken };
    },
  },
  DeleteEventBus: {
    needs: busNeeds('DeleteEventBus', (input) => input.Name),
    run: (input, at) => {
      if (input.Name === 'default') throw new AwsError('ValidationException', 'Cannot delete event bus default.');
      if (at.state.buses.get(input.Name ?? '')?.rules.size)
        throw new AwsError('ValidationException', `Event bus ${input.Name} cannot be deleted: it has rules.`);
      at.state.buses.delete(input.Name ?? '');
      return {};
    },
  },
  PutPermission: {
    needs: busNeeds('PutPermission', (input) => input.EventBusName),
    run: (input, at) => {
      putPermission(input, existingBus(at.state, input.EventBusName));
      return {};
    },
  },
  RemovePermission: {
    needs: busNeeds('RemovePermission', (input) => input.EventBusName),
    run: (input, at) => {
      removePermission(input, existingBus(at.state, input.EventBusName));
      return {};
    },
  },
};

function createBus(input: sdk.CreateEventBusRequest, at: EventBridgeAt): EventBus {
  const name = input.Name ?? '';
  if (!/^[\w./-]{1,256}$/.test(name)) throw new AwsError('ValidationException', `Event bus name ${name} is not valid.`);
  if (at.state.buses.has(name))
    throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
  const bus: EventBus = {
    ...newEventBus(at, name, at.kernel.clock.now()),
    description: input.Description,
    kmsKey: input.KmsKeyIdentifier,
    deadLetterArn: input.DeadLetterConfig?.Arn,
    tags: eventBridgeTags(input.Tags),
  };
  authorizeBusKey(at.kernel, at, bus);
  at.state.buses.set(name, bus);
  return bus;
}

const describeBus = (bus: EventBus): sdk.DescribeEventBusResponse => ({
  Name: bus.name,
  Arn: bus.arn,
  Description: bus.description,
  KmsKeyIdentifier: bus.kmsKey,
  ...(bus.deadLetterArn && { DeadLetterConfig: { Arn: bus.deadLetterArn } }),
  Policy: bus.policy,
  CreationTime: new Date(bus.createdAt),
});
