/**
 * SSM.4 (Config rule ssm-document-not-public): a document of the account is not shared with everybody.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ssm-controls.html#ssm-4
 */
import { ListTagsForResourceCommand, ModifyDocumentPermissionCommand, SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { arn, defineRemediation } from '../../../contract/remediation.ts';
import { orUndefined } from '../../kit/or-undefined.ts';
import { tagsOfList } from '../../kit/tag-list.ts';
import { documentAccounts } from '../document.ts';

const DOCUMENT = 'arn:{partition}:ssm:{region}:{account}:document/{document}';

export default defineRemediation({
  id: 'ssm/make-documents-private',
  title: 'Make a public Systems Manager document private',
  handles: { controls: ['SSM.4'] },
  risk: 'disruptive',
  target: arn('AwsSsmDocument', DOCUMENT, { document: /[a-zA-Z0-9_\-.]{3,128}/ }),
  params: z.strictObject({}),
  state: z.strictObject({ isPublic: z.boolean() }),
  reads: [
    { actions: ['ssm:DescribeDocumentPermission'], resources: [DOCUMENT], because: 'with whom it is shared' },
    { actions: ['ssm:ListTagsForResource'], resources: [DOCUMENT], because: 'who else manages the document' },
  ],
  writes: [
    {
      actions: ['ssm:ModifyDocumentPermission'],
      resources: [DOCUMENT],
      because: 'takes everybody out; rollback shares it with everybody again',
    },
  ],
  clients: { ssm: SSMClient },
}).by({
  async read({ ssm, target }) {
    const accounts = await orUndefined(documentAccounts(ssm, target.document), 'InvalidDocument');
    return accounts && { isPublic: accounts.includes('all') };
  },
  want: () => ({ isPublic: false }),
  async write({ ssm, target }, _, { isPublic }) {
    const change = isPublic ? { AccountIdsToAdd: ['all'] } : { AccountIdsToRemove: ['all'] };
    await ssm.send(new ModifyDocumentPermissionCommand({ Name: target.document, PermissionType: 'Share', ...change }));
  },
  async tags({ ssm, target }) {
    const resource = { ResourceType: 'Document', ResourceId: target.document } as const;
    return tagsOfList((await ssm.send(new ListTagsForResourceCommand(resource))).TagList);
  },
  summary: (_, { isPublic }) => (isPublic ? 'shared with everybody again' : 'no longer shared with everybody'),
});
