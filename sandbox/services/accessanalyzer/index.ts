/** IAM Access Analyzer: analyzers of external and of unused access. They find nothing. */
import * as sdk from '@aws-sdk/client-accessanalyzer';
import { AwsError, defineService } from '../../kernel/kernel.ts';
import { recordComparison } from '../../records/comparison.ts';
import { sdkErrors } from '../../records/errors.ts';
import { recordOperations } from '../../records/operation.ts';
import type { RecordAt, RecordKind, RecordState } from '../../records/record.ts';
import { anyValue, matching, modelledValues, notKept } from '../../records/rules.ts';
import { TAG_MAP } from '../../records/tag-forms.ts';
import { addsTags, listsTags, removesTags, type TaggedKinds } from '../../records/tags.ts';
import { creates, deletes, gets, lists, presentRecords } from '../../records/verbs.ts';
import { organizationState } from '../organizations/look-up.ts';
import { notModelled } from '../requests.ts';
import { ACCESS_ANALYZER } from './state.ts';

const analyzerError = sdkErrors<typeof sdk>();
const invalid = (message: string) => analyzerError('ValidationException', message);

const ANALYZER: RecordKind<sdk.AnalyzerSummary & { analyzerName: string }> = {
  name: 'analyzers',
  arn: 'arn:{partition}:access-analyzer:{region}:{account}:analyzer/{id}',
  id: 'analyzerName',
  missing: (id) => new AwsError('ResourceNotFoundException', `Analyzer ${id} does not exist.`, 404),
  exists: (id) => new AwsError('ConflictException', `Analyzer ${id} already exists.`, 409),
  invalid,
  initially: ({ id, arn, at }) => ({
    name: id,
    arn,
    createdAt: new Date(at.kernel.clock.now()),
    status: 'ACTIVE',
  }),
  generated: ['createdAt'],
  hidden: ['analyzerName'],
  tags: { ...TAG_MAP, shownAs: 'tags' },
};

const TAGGED: TaggedKinds = { kinds: [ANALYZER], form: TAG_MAP, unknownArn: invalid };
const TYPE = modelledValues<sdk.Type | undefined>('ACCOUNT', 'ACCOUNT_UNUSED_ACCESS', 'ORGANIZATION');

export const accessAnalyzer = defineService<typeof sdk, RecordState>({
  ...ACCESS_ANALYZER,
  ...recordComparison([ANALYZER]),
  sdk,
  client: sdk.AccessAnalyzerClient,
  prefix: 'access-analyzer',
  denial: { code: 'AccessDeniedException', status: 403 },
  throttling: { code: 'ThrottlingException', status: 429 },
  operations: recordOperations<typeof sdk>('access-analyzer', {
    CreateAnalyzer: creates(ANALYZER, {
      takes: { type: TYPE, clientToken: notKept(anyValue) },
      tags: 'tags',
      check: ({ analyzerName = '', type }, at) => {
        const request = { operation: 'CreateAnalyzer', invalid };
        matching(/^[A-Za-z][A-Za-z0-9_.-]{0,254}$/).check(analyzerName, 'analyzerName', request);
        checkType(type, at);
      },
      shows: ({ arn }) => ({ arn: arn as string }),
    }),
    ListAnalyzers: lists(ANALYZER, {
      withoutResource: true,
      under: 'analyzers',
      takes: { type: TYPE },
      only: ({ type: own }, { type = own as sdk.Type }) => own === type,
      pages: {
        token: 'nextToken',
        next: 'nextToken',
        size: 'maxResults',
        sizes: [1, 1000],
        defaultSize: 100,
        invalidToken: () => invalid('Invalid nextToken'),
      },
    }),
    GetAnalyzer: gets(ANALYZER, { under: 'analyzer' }),
    DeleteAnalyzer: deletes(ANALYZER, { takes: { clientToken: anyValue }, silent: true }),
    ListTagsForResource: listsTags(TAGGED, 'resourceArn', 'tags'),
    TagResource: addsTags(TAGGED, 'resourceArn', 'tags'),
    UntagResource: removesTags(TAGGED, 'resourceArn', 'tagKeys'),
  }),
});

/** Each account has one analyzer of a type in a Region. An organization's belongs to its administrator. */
function checkType(type: sdk.Type | undefined, at: RecordAt): void {
  if (presentRecords(ANALYZER, at).some(({ fields }) => fields.type === type))
    throw new AwsError('ServiceQuotaExceededException', `The account has an analyzer of type ${type} already.`, 402);
  const { organization, delegated } = organizationState(at.kernel);
  const administers =
    organization?.managementAccount === at.account || delegated.get('access-analyzer.amazonaws.com')?.has(at.account);
  // AWS refuses it. The sandbox knows no source for its error.
  if (type === 'ORGANIZATION' && !administers) throw notModelled('an organization analyzer of a member account');
}
