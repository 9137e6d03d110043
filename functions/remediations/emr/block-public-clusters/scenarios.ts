import {
  type BlockPublicAccessConfiguration,
  type EMRClient,
  PutBlockPublicAccessConfigurationCommand,
} from '@aws-sdk/client-emr';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { accountResource } from '../../kit/account.ts';
import blockPublicClusters from './index.ts';

const blocked =
  (block: boolean, ...ranges: readonly [number, number][]): Arrange<{ readonly emr: EMRClient }, {}> =>
  async ({ emr }, context) => {
    const BlockPublicAccessConfiguration: BlockPublicAccessConfiguration = {
      BlockPublicSecurityGroupRules: block,
      PermittedPublicSecurityGroupRuleRanges: ranges.map(([MinRange, MaxRange]) => ({ MinRange, MaxRange })),
    };
    await emr.send(new PutBlockPublicAccessConfigurationCommand({ BlockPublicAccessConfiguration }));
    return accountResource(context);
  };

export default defineScenarios(blockPublicClusters, {
  faulty: blocked(false),
  scenarios: {
    'nothing is blocked': { expected: 'FIXED' },
    'more ports than SSH are permitted': { arrange: blocked(true, [22, 22], [8443, 8443]), expected: 'FIXED' },
    'a range with SSH is permitted': { arrange: blocked(false, [20, 30]), expected: 'FIXED' },
    'another port is permitted, and SSH is not': { arrange: blocked(true, [8443, 8443]), expected: 'FIXED' },
    'SSH alone is permitted': { arrange: blocked(true, [22, 22]), expected: 'COMPLIANT' },
    'everything is blocked already': { arrange: blocked(true), expected: 'COMPLIANT' },
  },
});
