import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { arrangeResource } from '../../kit/resource-fixture.ts';
import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { logGroups } from '../fixtures.ts';
import keepLogGroups from './index.ts';

export default settingScenarios(keepLogGroups, logGroups, {
  wrong: { retentionInDays: 30 },
  right: { retentionInDays: 365 },
  stricter: { retentionInDays: 3653 },
  more: {
    'its logs never expire': { arrange: arrangeResource(logGroups, {}), expected: 'COMPLIANT' },
    'policy asks for 1,000 days, which AWS does not offer': {
      params: { days: 1000 },
      arrange: arrangeResource(logGroups, { values: { retentionInDays: 365 } }),
      expected: 'FIXED',
    },
    'the name of another group begins with its own': {
      async arrange(clients, context) {
        const found = await arrangeResource(logGroups, { values: { retentionInDays: 7 } })(clients, context);
        await clients.logs.send(new CreateLogGroupCommand({ logGroupName: `${context.name}-more` }));
        return found;
      },
      expected: 'FIXED',
    },
    'it belongs to Control Tower': {
      arrange: (clients, context) =>
        arrangeResource(logGroups, { values: { retentionInDays: 14 } })(clients, {
          ...context,
          target: { logGroup: `aws-controltower/CloudTrailLogs/${context.name}` },
        }),
      expected: 'REFUSED',
    },
    'it holds logs on their way to other services': {
      async arrange({ logs }, context) {
        await logs.send(new CreateLogGroupCommand({ logGroupName: context.name, logGroupClass: 'DELIVERY' }));
        return arrangeResource(logGroups, { state: 'gone' })({ logs }, context);
      },
      expected: 'REFUSED',
    },
  },
});
