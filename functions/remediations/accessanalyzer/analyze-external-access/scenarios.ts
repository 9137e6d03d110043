import { CreateAnalyzerCommand } from '@aws-sdk/client-accessanalyzer';
import { defineScenarios } from '../../../contract/scenario.ts';
import { accountResource } from '../../kit/account.ts';
import analyzeExternalAccess from './index.ts';

export default defineScenarios(analyzeExternalAccess, {
  faulty: async (_, context) => accountResource(context),
  scenarios: {
    'the account has no analyzer of external access': { expected: 'FIXED' },
    'it has an analyzer of external access': {
      async arrange({ analyzers }, context) {
        await analyzers.send(new CreateAnalyzerCommand({ analyzerName: context.name, type: 'ACCOUNT' }));
        return accountResource(context);
      },
      expected: 'COMPLIANT',
    },
  },
});
