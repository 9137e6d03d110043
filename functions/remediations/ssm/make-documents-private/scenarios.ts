import {
  AddTagsToResourceCommand,
  CreateDocumentCommand,
  ModifyDocumentPermissionCommand,
  type SSMClient,
  UpdateServiceSettingCommand,
} from '@aws-sdk/client-ssm';
import { type Arrange, defineScenarios, type ScenarioContext } from '../../../contract/scenario.ts';
import { listOfTags } from '../../kit/tag-list.ts';
import makeDocumentsPrivate from './index.ts';

type DocumentContext = ScenarioContext<{ readonly document: string }>;
const SHARING = '/ssm/documents/console/public-sharing-permission';

const nameOf = ({ target, name }: DocumentContext): string => target?.document ?? name;

const documentResource = (context: DocumentContext) => {
  const { partition, region, account } = context;
  const Id = `arn:${partition}:ssm:${region}:${account}:document/${nameOf(context)}`;
  return { Type: 'AwsSsmDocument', Id, Partition: partition, Region: region };
};

async function share(ssm: SSMClient, Name: string, accounts: readonly string[]): Promise<void> {
  await ssm.send(new UpdateServiceSettingCommand({ SettingId: SHARING, SettingValue: 'Enable' }));
  for (const account of accounts)
    await ssm.send(new ModifyDocumentPermissionCommand({ Name, PermissionType: 'Share', AccountIdsToAdd: [account] }));
}

const documentFor =
  (accounts: readonly string[], tags = {}): Arrange<{ readonly ssm: SSMClient }, { readonly document: string }> =>
  async ({ ssm }, context) => {
    const Name = nameOf(context);
    const Content = JSON.stringify({ schemaVersion: '2.2', description: 'made for a scenario', mainSteps: [] });
    await ssm.send(new CreateDocumentCommand({ Name, Content, DocumentType: 'Command', Tags: listOfTags(tags) }));
    await share(ssm, Name, accounts);
    return documentResource(context);
  };

export default defineScenarios(makeDocumentsPrivate, {
  faulty: documentFor(['all']),
  fault: ({ ssm }, { target }) => share(ssm, target.document, ['all']),
  tag: ({ ssm }, { target }, tags) =>
    ssm.send(
      new AddTagsToResourceCommand({ ResourceType: 'Document', ResourceId: target.document, Tags: listOfTags(tags) }),
    ),
  scenarios: {
    'it is public': { expected: 'FIXED' },
    'it is public, shared with an account too, and managed by Terraform': {
      arrange: documentFor(['444455556666', 'all'], { ManagedBy: 'terraform' }),
      expected: 'FIXED',
    },
    'it is shared with an account alone': { arrange: documentFor(['444455556666']), expected: 'COMPLIANT' },
    'it is gone': { arrange: async (_, context) => documentResource(context), expected: 'COMPLIANT' },
  },
});
