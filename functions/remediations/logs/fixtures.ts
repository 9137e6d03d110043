/** Log groups for scenarios, created as an administrator of the account. */
import { CreateLogGroupCommand, TagResourceCommand } from '@aws-sdk/client-cloudwatch-logs';
import { findingResource, resourceFixture } from '../kit/resource-fixture.ts';
import { cloudWatchLogGroup } from './log-group.ts';

export const logGroups = resourceFixture(cloudWatchLogGroup, {
  async create({ logs }, { target }, _, tags) {
    await logs.send(new CreateLogGroupCommand({ logGroupName: target.logGroup, tags: { ...tags } }));
    return target;
  },
  tag: ({ logs }, context, tags) =>
    logs.send(
      new TagResourceCommand({ resourceArn: findingResource(cloudWatchLogGroup, context).Id, tags: { ...tags } }),
    ),
  situations: {
    'the name of another group begins with its own': {
      expected: 'FIXED',
      after: ({ logs }, { target }) =>
        logs.send(new CreateLogGroupCommand({ logGroupName: `${target.logGroup}-more` })),
    },
    'it belongs to Control Tower': {
      expected: 'REFUSED',
      named: ({ name }) => `aws-controltower/CloudTrailLogs/${name}`,
    },
    'it holds logs on their way to other services': {
      expected: 'REFUSED',
      async create({ logs }, { target }) {
        await logs.send(new CreateLogGroupCommand({ logGroupName: target.logGroup, logGroupClass: 'DELIVERY' }));
        return target;
      },
    },
  },
});
