/**
 * The fields that customers write.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html
 */
import * as sdk from '@aws-sdk/client-securityhub';
import type { Need, ServiceOperation } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { saveFinding } from './findings.ts';
import {
  canSee,
  checkSubscribed,
  hubArn,
  invalidInput,
  type SecurityHubAt,
  type SecurityHubState,
  storedFindingKey,
} from './state.ts';

const FINDINGS_PER_CALL = 100;
const MAX_NOTE_LENGTH = 512;
export const MAX_FINDING_BYTES = 240 * 1024;

const UPDATABLE_FIELDS = [
  'Note',
  'Severity',
  'VerificationState',
  'Confidence',
  'Criticality',
  'Types',
  'UserDefinedFields',
  'Workflow',
  'RelatedFindings',
] as const;

type UpdateRequest = sdk.BatchUpdateFindingsRequest;
type Unprocessed = sdk.BatchUpdateFindingsUnprocessedFinding;

export const batchUpdateFindings: ServiceOperation<UpdateRequest, sdk.BatchUpdateFindingsResponse, SecurityHubState> = {
  quota: { rate: 10, burst: 30 },
  needs: (input, at): Need[] => [
    { action: 'securityhub:BatchUpdateFindings', resource: hubArn(at), context: syntaxPaths(input) },
  ],
  run: (input, at) => {
    onlyMembers('BatchUpdateFindings', input, ['FindingIdentifiers', ...UPDATABLE_FIELDS]);
    checkSubscribed(at);
    const identifiers = input.FindingIdentifiers ?? [];
    checkRequest(input, identifiers);
    const byKey = Map.groupBy(identifiers, storedFindingKey);
    const UnprocessedFindings: Unprocessed[] = [];
    const ProcessedFindings: sdk.AwsSecurityFindingIdentifier[] = [];
    for (const identifier of identifiers) {
      const failure =
        byKey.get(storedFindingKey(identifier))!.length > 1
          ? unprocessed('DuplicatedFindingIdentifier')
          : updateFinding(identifier, input, at);
      if (failure) UnprocessedFindings.push({ FindingIdentifier: identifier, ...failure });
      else ProcessedFindings.push(identifier);
    }
    return { ProcessedFindings, UnprocessedFindings };
  },
};

/** UpdatedAt belongs to the provider, so it stays. */
function updateFinding(identifier: sdk.AwsSecurityFindingIdentifier, input: UpdateRequest, at: SecurityHubAt) {
  const finding = at.state.findings.get(storedFindingKey(identifier));
  if (!finding || !canSee(at, finding)) return unprocessed('FindingNotFound');
  if (at.state.unprocessedRate > at.kernel.random()) return unprocessed('ConcurrentUpdateError');
  const changed = { ...finding, ...changes(input, new Date(at.kernel.clock.now()).toISOString()) };
  if (Buffer.byteLength(JSON.stringify(changed)) > MAX_FINDING_BYTES) return unprocessed('FindingSizeExceeded');
  saveFinding(at.kernel, at.state, changed);
  return undefined;
}

function changes(input: UpdateRequest, now: string): Partial<sdk.AwsSecurityFinding> {
  const { Note, Severity, Workflow } = input;
  const plain = Object.fromEntries(
    UPDATABLE_FIELDS.filter((field) => input[field] !== undefined).map((field) => [field, input[field]]),
  );
  return {
    ...plain,
    ...(Note && { Note: { Text: Note.Text, UpdatedBy: Note.UpdatedBy, UpdatedAt: now } }),
    ...(Severity && { Severity: severityOf(Severity) }),
    ...(Workflow && { Workflow: { Status: Workflow.Status } }),
  };
}

const NORMALIZED_SEVERITY = { INFORMATIONAL: 0, LOW: 1, MEDIUM: 40, HIGH: 70, CRITICAL: 90 } as const;

const severityOf = ({ Label, Normalized, Product }: sdk.SeverityUpdate): sdk.Severity => {
  const label = Label ?? labelOf(Normalized ?? 0);
  return {
    Label: label,
    Normalized: Normalized ?? NORMALIZED_SEVERITY[label],
    ...(Product !== undefined && { Product }),
  };
};

const labelOf = (normalized: number): keyof typeof NORMALIZED_SEVERITY =>
  (Object.keys(NORMALIZED_SEVERITY) as (keyof typeof NORMALIZED_SEVERITY)[]).findLast(
    (label) => NORMALIZED_SEVERITY[label] <= normalized,
  ) ?? 'INFORMATIONAL';

/**
 * Returns a condition key for each written field: `securityhub:ASFFSyntaxPath/Workflow.Status` with its value. Maps
 * have `UserDefinedFields.key` and `UserDefinedFields.value`, as AWSSystemsManagerOpsDataSyncServiceRolePolicy names
 * them.
 */
function syntaxPaths(input: UpdateRequest): Record<string, string | string[]> {
  const leaves = (path: string, value: unknown): [string, string | string[]][] => {
    if (value === undefined) return [];
    if (Array.isArray(value))
      return [[path, value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)))]];
    if (typeof value !== 'object' || value === null) return [[path, String(value)]];
    return Object.entries(value).flatMap(([name, inner]) => leaves(`${path}.${name}`, inner));
  };
  const { UserDefinedFields, ...others } = input;
  const paths = UPDATABLE_FIELDS.flatMap((field) => leaves(field, others[field as keyof typeof others]));
  if (UserDefinedFields) {
    paths.push(['UserDefinedFields.key', Object.keys(UserDefinedFields)]);
    paths.push(['UserDefinedFields.value', Object.values(UserDefinedFields)]);
  }
  return Object.fromEntries(paths.map(([path, value]) => [`securityhub:ASFFSyntaxPath/${path}`, value]));
}

function checkRequest(input: UpdateRequest, identifiers: readonly sdk.AwsSecurityFindingIdentifier[]): void {
  if (identifiers.length === 0) throw invalidInput('FindingIdentifiers must not be empty');
  if (identifiers.length > FINDINGS_PER_CALL)
    throw invalidInput(
      `Invalid parameter 'FindingIdentifiers'. The number of identifiers ${identifiers.length} exceeds ${FINDINGS_PER_CALL}`,
    );
  for (const { Id, ProductArn } of identifiers) {
    if (!Id || !ProductArn) throw invalidInput('A finding identifier needs Id and ProductArn');
  }
  const { Note, Workflow, Severity, VerificationState } = input;
  if (Note && (!Note.Text?.trim() || Note.Text.length > MAX_NOTE_LENGTH))
    throw invalidInput(`Invalid parameter 'Note.Text'. It must have 1 to ${MAX_NOTE_LENGTH} characters`);
  if (Note && !Note.UpdatedBy?.trim()) throw invalidInput(`Invalid parameter 'Note.UpdatedBy'`);
  checkEnum('Workflow.Status', Workflow?.Status, sdk.WorkflowStatus);
  checkEnum('Severity.Label', Severity?.Label, sdk.SeverityLabel);
  checkEnum('VerificationState', VerificationState, sdk.VerificationState);
  for (const field of ['Confidence', 'Criticality'] as const) {
    const value = input[field];
    if (value !== undefined && (value < 0 || value > 100))
      throw invalidInput(`Invalid parameter '${field}'. It must be between 0 and 100`);
  }
}

function checkEnum(name: string, value: string | undefined, known: Readonly<Record<string, string>>): void {
  if (value !== undefined && !Object.values(known).includes(value))
    throw invalidInput(`Invalid parameter '${name}': ${value}`);
}

const MESSAGES = {
  ConcurrentUpdateError: 'Concurrent finding updates detected',
  DuplicatedFindingIdentifier: 'Finding Identifier is duplicated',
  FindingNotFound: 'Finding Not Found',
  FindingSizeExceeded: 'Finding size exceeded 240 KB',
} as const;

const unprocessed = (code: keyof typeof MESSAGES) => ({ ErrorCode: code, ErrorMessage: MESSAGES[code] });
