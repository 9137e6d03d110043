/**
 * IAM.28 (Config rule iam-external-access-analyzer-enabled): the account has an active analyzer.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-28
 */
import {
  AccessAnalyzerClient,
  CreateAnalyzerCommand,
  DeleteAnalyzerCommand,
  paginateListAnalyzers,
} from '@aws-sdk/client-accessanalyzer';
import * as z from 'zod';
import { accountTarget, defineRemediation } from '../../../contract/remediation.ts';
import { orUndefined } from '../../kit/or-undefined.ts';
import { declaredAnalyzer } from '../analyzer-words.ts';

const NAME = 'suture-external-access';
const ANALYZER = `arn:{partition}:access-analyzer:{region}:{account}:analyzer/${NAME}` as const;
const EXTERNAL = ['ACCOUNT', 'ORGANIZATION'];

export default defineRemediation({
  id: 'accessanalyzer/analyze-external-access',
  title: 'Analyze external access to the account',
  handles: { controls: ['IAM.28'] },
  risk: 'safe',
  target: accountTarget,
  params: z.strictObject({}),
  state: z.strictObject({ analyzer: z.enum(['none', 'own', 'another']) }),
  reads: [
    {
      actions: ['access-analyzer:ListAnalyzers'],
      resources: ['*'],
      because: 'whether the account has one; it takes no resource',
    },
  ],
  writes: [{ actions: ['access-analyzer:CreateAnalyzer'], resources: [ANALYZER], because: 'creates the analyzer' }],
  undoes: [{ actions: ['access-analyzer:DeleteAnalyzer'], resources: [ANALYZER], because: 'deletes it again' }],
  clients: { analyzers: AccessAnalyzerClient },
}).by({
  async read({ analyzers }) {
    const names: string[] = [];
    for await (const page of paginateListAnalyzers({ client: analyzers }, {}))
      for (const { name, type, status } of page.analyzers ?? [])
        if (EXTERNAL.includes(type!) && status === 'ACTIVE') names.push(name!);
    if (names.some((name) => name !== NAME)) return { analyzer: 'another' };
    return { analyzer: names.length > 0 ? 'own' : 'none' };
  },
  want: ({ analyzer }) => ({ analyzer: analyzer === 'none' ? 'own' : analyzer }),
  async write({ analyzers }, _, { analyzer }) {
    const analyzerName = NAME;
    if (analyzer === 'own')
      await orUndefined(
        analyzers.send(new CreateAnalyzerCommand({ analyzerName, type: 'ACCOUNT' })),
        'ConflictException',
      );
    else await orUndefined(analyzers.send(new DeleteAnalyzerCommand({ analyzerName })), 'ResourceNotFoundException');
  },
  declared: () => declaredAnalyzer(NAME),
  summary: (_, { analyzer }) =>
    analyzer === 'own' ? `an analyzer ${NAME} of external access, without charge` : `without the analyzer ${NAME}`,
});
