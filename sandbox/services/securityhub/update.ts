/**
 * BatchUpdateFindings: what customers write onto findings.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html
 */
import * as sdk from '@aws-sdk/client-securityhub';
import type { Need, ServiceOperation } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { keep } from './findings.ts';
import { type Hub, hubArn, invalidInput, keyOf, mustBeSubscribed, type SecurityHubState, sees } from './state.ts';

const FINDINGS_A_CALL = 100;
const NOTE_LENGTH = 512;
export const FINDING_BYTES = 240 * 1024;

const FIELDS = [
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

type Request = sdk.BatchUpdateFindingsRequest;
type Unprocessed = sdk.BatchUpdateFindingsUnprocessedFinding;

export const batchUpdateFindings: ServiceOperation<Request, sdk.BatchUpdateFindingsResponse, SecurityHubState> = {
  quota: { rate: 10, burst: 30, error: 'TooManyRequestsException' },
  needs: (input, at): Need[] => [
    { action: 'securityhub:BatchUpdateFindings', resource: hubArn(at), context: syntaxPaths(input) },
  ],
  run: (input, at) => {
    onlyMembers('BatchUpdateFindings', input, ['FindingIdentifiers', ...FIELDS]);
    mustBeSubscribed(at);
    const identifiers = input.FindingIdentifiers ?? [];
    check(input, identifiers);
    const copies = Map.groupBy(identifiers, keyOf);
    const UnprocessedFindings: Unprocessed[] = [];
    const ProcessedFindings: sdk.AwsSecurityFindingIdentifier[] = [];
    for (const identifier of identifiers) {
      const refusal =
        copies.get(keyOf(identifier))!.length > 1
          ? refused('DuplicatedFindingIdentifier')
          : update(identifier, input, at);
      if (refusal) UnprocessedFindings.push({ FindingIdentifier: identifier, ...refusal });
      else ProcessedFindings.push(identifier);
    }
    return { ProcessedFindings, UnprocessedFindings };
  },
};

/** UpdatedAt stays: it belongs to the provider. */
function update(identifier: sdk.AwsSecurityFindingIdentifier, input: Request, at: Hub) {
  const finding = at.state.findings.get(keyOf(identifier));
  if (!finding || !sees(at, finding)) return refused('FindingNotFound');
  if (at.state.unprocessedRate > at.kernel.random()) return refused('ConcurrentUpdateError');
  const changed = { ...finding, ...changes(input, new Date(at.kernel.clock.now()).toISOString()) };
  if (Buffer.byteLength(JSON.stringify(changed)) > FINDING_BYTES) return refused('FindingSizeExceeded');
  keep(at.kernel, at.state, changed);
  return undefined;
}

function changes(input: Request, now: string): Partial<sdk.AwsSecurityFinding> {
  const { Note, Severity, Workflow } = input;
  const plain = Object.fromEntries(
    FIELDS.filter((field) => input[field] !== undefined).map((field) => [field, input[field]]),
  );
  return {
    ...plain,
    ...(Note && { Note: { Text: Note.Text, UpdatedBy: Note.UpdatedBy, UpdatedAt: now } }),
    ...(Severity && { Severity: severityOf(Severity) }),
    ...(Workflow && { Workflow: { Status: Workflow.Status } }),
  };
}

const NORMALIZED = { INFORMATIONAL: 0, LOW: 1, MEDIUM: 40, HIGH: 70, CRITICAL: 90 } as const;

const severityOf = ({ Label, Normalized, Product }: sdk.SeverityUpdate): sdk.Severity => {
  const label = Label ?? labelOf(Normalized ?? 0);
  return { Label: label, Normalized: Normalized ?? NORMALIZED[label], ...(Product !== undefined && { Product }) };
};

const labelOf = (normalized: number): keyof typeof NORMALIZED =>
  (Object.keys(NORMALIZED) as (keyof typeof NORMALIZED)[]).findLast((label) => NORMALIZED[label] <= normalized) ??
  'INFORMATIONAL';

/** Each written field is a key of its own to IAM: `securityhub:ASFFSyntaxPath/Workflow.Status` with its value. */
function syntaxPaths(input: Request): Record<string, string | string[]> {
  const leaves = (path: string, value: unknown): [string, string | string[]][] => {
    if (value === undefined) return [];
    if (Array.isArray(value))
      return [[path, value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)))]];
    if (typeof value !== 'object' || value === null) return [[path, String(value)]];
    return Object.entries(value).flatMap(([name, inner]) => leaves(`${path}.${name}`, inner));
  };
  const paths = FIELDS.flatMap((field) => leaves(field, input[field]));
  return Object.fromEntries(paths.map(([path, value]) => [`securityhub:ASFFSyntaxPath/${path}`, value]));
}

function check(input: Request, identifiers: readonly sdk.AwsSecurityFindingIdentifier[]): void {
  if (identifiers.length === 0) throw invalidInput('FindingIdentifiers must not be empty');
  if (identifiers.length > FINDINGS_A_CALL)
    throw invalidInput(
      `Invalid parameter 'FindingIdentifiers'. The number of identifiers ${identifiers.length} exceeds ${FINDINGS_A_CALL}`,
    );
  for (const { Id, ProductArn } of identifiers) {
    if (!Id || !ProductArn) throw invalidInput('A finding identifier needs Id and ProductArn');
  }
  const { Note, Workflow, Severity, VerificationState } = input;
  if (Note && (!Note.Text?.trim() || Note.Text.length > NOTE_LENGTH))
    throw invalidInput(`Invalid parameter 'Note.Text'. It must have 1 to ${NOTE_LENGTH} characters`);
  if (Note && !Note.UpdatedBy?.trim()) throw invalidInput(`Invalid parameter 'Note.UpdatedBy'`);
  oneOf('Workflow.Status', Workflow?.Status, sdk.WorkflowStatus);
  oneOf('Severity.Label', Severity?.Label, sdk.SeverityLabel);
  oneOf('VerificationState', VerificationState, sdk.VerificationState);
  for (const field of ['Confidence', 'Criticality'] as const) {
    const value = input[field];
    if (value !== undefined && (value < 0 || value > 100))
      throw invalidInput(`Invalid parameter '${field}'. It must be between 0 and 100`);
  }
}

function oneOf(name: string, value: string | undefined, known: Readonly<Record<string, string>>): void {
  if (value !== undefined && !Object.values(known).includes(value))
    throw invalidInput(`Invalid parameter '${name}': ${value}`);
}

const MESSAGES = {
  ConcurrentUpdateError: 'Concurrent finding updates detected',
  DuplicatedFindingIdentifier: 'Finding Identifier is duplicated',
  FindingNotFound: 'Finding Not Found',
  FindingSizeExceeded: 'Finding size exceeded 240 KB',
} as const;

const refused = (code: keyof typeof MESSAGES) => ({ ErrorCode: code, ErrorMessage: MESSAGES[code] });
