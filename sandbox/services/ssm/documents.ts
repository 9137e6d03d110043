/**
 * Documents of the account, and the accounts that may use them.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ModifyDocumentPermission.html
 */
import { createHash } from 'node:crypto';
import * as sdk from '@aws-sdk/client-ssm';
import type { AwsError } from '../../kernel/kernel.ts';
import { sdkErrors } from '../../records/errors.ts';
import { idGiven, recordOperations } from '../../records/operation.ts';
import { getsPart, putsPart } from '../../records/parts.ts';
import { existingRecord, type RecordKind, type RecordPart } from '../../records/record.ts';
import { anyValue, between, enumOf, listOf, type MemberRule, matching, modelledValues } from '../../records/rules.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { addsTags, listsTags, removesTags, type TaggedKinds } from '../../records/tags.ts';
import { creates, deletes, gets, lists } from '../../records/verbs.ts';
import { notModelled, pageOf } from '../requests.ts';
import { mayBePublic } from './service-settings.ts';

const ssmError = sdkErrors<typeof sdk>();
const invalid = (message: string): AwsError => ssmError('InvalidDocument', message);

/** Accounts that may use a document; `all` stands for every AWS account. */
const SHARE: RecordPart<readonly string[]> = { name: 'share', initially: [] };

export const DOCUMENT: RecordKind<sdk.DocumentDescription & { Content: string }> = {
  name: 'documents',
  arn: 'arn:{partition}:ssm:{region}:{account}:document/{id}',
  id: 'Name',
  namedBy: 'either',
  missing: (id) => ssmError('InvalidDocument', `Document with name ${id} does not exist.`),
  exists: () => ssmError('DocumentAlreadyExists', 'The specified document already exists.'),
  invalid,
  quota: { records: 500, exceeded: () => ssmError('DocumentLimitExceeded', 'An account has at most 500 documents.') },
  initially: ({ at }) => ({
    CreatedDate: new Date(at.kernel.clock.now()),
    DefaultVersion: '1',
    DocumentVersion: '1',
    DocumentFormat: 'JSON',
    DocumentType: 'Command',
    HashType: 'Sha256',
    LatestVersion: '1',
    Owner: at.account,
    SchemaVersion: '2.2',
    Status: 'Active',
  }),
  generated: ['CreatedDate'],
  hidden: ['Content'],
  parts: [SHARE],
  tags: { ...TAG_LIST, shownAs: 'Tags' },
  conditions: ({ fields }) => ({ 'ssm:DocumentType': String(fields.DocumentType ?? 'Command') }),
};

const TAGGED: TaggedKinds = {
  kinds: [DOCUMENT],
  form: TAG_LIST,
  byId: true,
  unknownArn: (id) => ssmError('InvalidResourceId', `The resource ID ${id} is not valid.`),
  tooMany: () => ssmError('TooManyTagsError', 'A document has at most 50 tags.'),
};
const DOCUMENT_TAGS = { ResourceType: modelledValues<sdk.ResourceTypeForTagging | undefined>('Document') } as const;

const MAX_ACCOUNTS = 1000;
const ACCOUNT = matching(/^(\d{12}|all)$/i);
const ACCOUNTS: MemberRule<readonly string[]> = {
  check: (ids, member, request) => {
    for (const id of ids) ACCOUNT.check(id, member, request);
  },
};
const PERMISSION = { PermissionType: modelledValues<sdk.DocumentPermissionType | undefined>('Share') } as const;

const shownShare = (AccountIds: readonly string[]) => ({
  AccountIds: [...AccountIds],
  AccountSharingInfoList: AccountIds.map((AccountId) => ({ AccountId, SharedDocumentVersion: '$DEFAULT' })),
});

export const documentOperations = recordOperations<typeof sdk>('ssm', {
  CreateDocument: creates(DOCUMENT, {
    takes: {
      Content: matching(/\S/),
      DocumentType: enumOf(sdk.DocumentType),
      DocumentFormat: enumOf(sdk.DocumentFormat),
      DisplayName: anyValue,
      TargetType: anyValue,
    },
    tags: 'Tags',
    under: 'DocumentDescription',
    check: ({ Name = '' }) =>
      matching(/^[a-zA-Z0-9_\-.]{3,128}$/).check(Name, 'Name', { operation: 'CreateDocument', invalid }),
    also: ({ Content = '' }) => ({ Hash: createHash('sha256').update(Content).digest('hex') }),
  }),
  DescribeDocument: gets(DOCUMENT, { under: 'Document' }),
  ListDocuments: lists(DOCUMENT, {
    withoutResource: true,
    under: 'DocumentIdentifiers',
    takes: {
      Filters: listOf<sdk.DocumentKeyValuesFilter>({
        Key: modelledValues<string | undefined>('Owner'),
        Values: anyValue,
      }),
    },
    only: ({ Owner }, { Filters = [] }) =>
      Filters.every(({ Values = [] }) => Values.some((value) => value === 'Self' || value === Owner)),
    pages: {
      token: 'NextToken',
      next: 'NextToken',
      size: 'MaxResults',
      sizes: [1, 50],
      defaultSize: 50,
      invalidToken: () => ssmError('InvalidNextToken', 'The specified token is not valid.'),
    },
  }),
  DeleteDocument: deletes(DOCUMENT, {
    silent: true,
    check: (_fields, { Name = '' }, at) => {
      const shared = existingRecord(DOCUMENT, idGiven(DOCUMENT, Name), at).parts[SHARE.name] as string[] | undefined;
      if (shared?.length)
        throw ssmError('InvalidDocumentOperation', 'You must stop sharing the document before you can delete it.');
    },
  }),
  DescribeDocumentPermission: getsPart(DOCUMENT, SHARE, {
    takes: { ...PERMISSION, MaxResults: between(1, 200), NextToken: anyValue },
    shows: (accounts, _record, { NextToken, MaxResults = 200 }) => {
      const invalidToken = () => ssmError('InvalidNextToken', 'The specified token is not valid.');
      const page = pageOf(accounts, NextToken, MaxResults, invalidToken);
      return { ...shownShare(page.items), NextToken: page.nextToken };
    },
  }),
  ModifyDocumentPermission: putsPart(DOCUMENT, SHARE, {
    takes: { ...PERMISSION, AccountIdsToAdd: ACCOUNTS, AccountIdsToRemove: ACCOUNTS },
    value: ({ AccountIdsToAdd = [], AccountIdsToRemove = [] }, before = [], _record, at) => {
      const [added, removed] = [AccountIdsToAdd, AccountIdsToRemove].map((ids) => ids.map((id) => id.toLowerCase()));
      // AWS refuses it. The sandbox knows no source for its error.
      if (added!.includes('all') && !mayBePublic(at))
        throw notModelled('that a document becomes public although the account blocks that');
      const accounts = [...new Set([...before.filter((id) => !removed!.includes(id)), ...added!])];
      if (accounts.length > MAX_ACCOUNTS)
        throw ssmError('DocumentPermissionLimit', `A document is shared with at most ${MAX_ACCOUNTS} accounts.`);
      return accounts;
    },
    shows: () => ({}),
  }),
  AddTagsToResource: addsTags(TAGGED, 'ResourceId', 'Tags', DOCUMENT_TAGS),
  ListTagsForResource: listsTags(TAGGED, 'ResourceId', 'TagList', { takes: DOCUMENT_TAGS }),
  RemoveTagsFromResource: removesTags(TAGGED, 'ResourceId', 'TagKeys', DOCUMENT_TAGS),
});
