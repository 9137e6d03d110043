/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
import type * as sdk from '@aws-sdk/client-sts';
import { type IamPolicy, parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError, type Principal } from '../../kernel/kernel.ts';
import type { RoleRecord } from '../iam/state.ts';
import type { StsAt } from './state.ts';

export type AssumeRoleRequest = {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly sourceIdentity?: string;
  /** Tags of the request, and those inherited from the chain of roles. */
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTags: readonly string[];
  readonly policy?: IamPolicy;
  readonly packedSizePercent: number;
};

const MAX_SESSION_POLICY_LENGTH = 2048;
/**
 * Approximations: AWS documents only that policy and tags are packed into a binary form with a limit. Its messages tell
 * tags and policy apart. In AWS's example of AssumeRole, a policy of 103 characters takes 6 %; the six tags of EKS Pod
 * Identity, about 270 characters, take 74 % (https://github.com/aws/containers-roadmap/issues/2413).
 */
const PACKED_POLICY_LENGTH = 1716;
const PACKED_TAGS_LENGTH = 360;

/** @throws AwsError ValidationError, MalformedPolicyDocument, PackedPolicyTooLarge, AccessDenied */
export function parseAssumeRoleRequest(input: sdk.AssumeRoleCommandInput, at: StsAt): AssumeRoleRequest {
  const roleArn = input.RoleArn ?? '';
  const sessionName = input.RoleSessionName ?? '';
  if (!/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(roleArn)) throw invalid(`${roleArn} is invalid`);
  checkPattern(sessionName, 'roleSessionName');
  if (input.PolicyArns?.length) throw new AwsError('NotModelled', 'AssumeRole with PolicyArns is not modelled', 501);
  if (input.ExternalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(input.ExternalId))
    throw constraintViolation(input.ExternalId, 'externalId', '[\\w+=,.@:\\/-]*');

  const inherited = inheritedFrom(at.principal);
  if (input.SourceIdentity !== undefined) checkPattern(input.SourceIdentity, 'sourceIdentity');
  if (
    inherited.sourceIdentity !== undefined &&
    (input.SourceIdentity ?? inherited.sourceIdentity) !== inherited.sourceIdentity
  )
    throw new AwsError('AccessDenied', 'The source identity of a chained session cannot be changed.', 403);
  const sourceIdentity = inherited.sourceIdentity ?? input.SourceIdentity;
  const ownTags = readTags(input.Tags ?? []);
  for (const key of Object.keys(ownTags)) {
    if (spelledIn(inherited.tags, key) !== undefined)
      throw invalid(`Session tag ${key} is transitive and cannot be set again`, 'InvalidParameterValue');
  }
  const transitive = input.TransitiveTagKeys ?? [];
  const unknown = transitive.find((key) => spelledIn(ownTags, key) === undefined);
  if (unknown !== undefined)
    throw invalid(`The specified transitive tag key must be included in the requested tags: ${unknown}`);

  const policy = readSessionPolicy(input.Policy);
  const tags = { ...inherited.tags, ...ownTags };
  return {
    roleArn,
    sessionName,
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    tags,
    transitiveTags: [...Object.keys(inherited.tags), ...transitive.map((key) => spelledIn(ownTags, key)!)],
    ...(policy && { policy }),
    packedSizePercent: packedSizePercent(input.Policy ?? '', tags),
  };
}

/** @throws AwsError ValidationError if the role or role chaining does not allow the duration */
export function sessionSeconds(requestedSeconds: number | undefined, role: RoleRecord, principal: Principal): number {
  const seconds = requestedSeconds ?? 3600;
  if (seconds < 900)
    throw invalid(
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900`,
    );
  if (seconds > role.maxSessionDuration)
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  if (principal.kind === 'session' && seconds > 3600)
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.');
  return seconds;
}

function readSessionPolicy(text: string | undefined): IamPolicy | undefined {
  if (text === undefined) return undefined;
  if (text.length === 0 || text.length > MAX_SESSION_POLICY_LENGTH)
    throw invalid(
      `1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length between 1 and ${MAX_SESSION_POLICY_LENGTH}`,
    );
  return parseIamPolicy(text, 'identity');
}

function readTags(tags: readonly { Key?: string | undefined; Value?: string | undefined }[]): Record<string, string> {
  if (tags.length > 50)
    throw invalid(
      `1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50`,
    );
  const seen = new Set<string>();
  for (const { Key = '', Value = '' } of tags) {
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(Key))
      throw constraintViolation(Key, 'tags.member.key', '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+');
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(Value))
      throw constraintViolation(Value, 'tags.member.value', '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*');
    if (seen.has(Key.toLowerCase()))
      throw invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.', 'InvalidInput');
    seen.add(Key.toLowerCase());
  }
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** Keys of session tags ignore case, and keep that of the tag. */
const spelledIn = (tags: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.keys(tags).find((each) => each.toLowerCase() === key.toLowerCase());

/** A chain of roles passes on the source identity and transitive tags. */
function inheritedFrom(principal: Principal): { sourceIdentity?: string; tags: Record<string, string> } {
  if (principal.kind !== 'session') return { tags: {} };
  const keys = principal.transitiveTags ?? [];
  return {
    ...(principal.sourceIdentity !== undefined && { sourceIdentity: principal.sourceIdentity }),
    tags: Object.fromEntries(keys.map((key) => [key, principal.sessionTags[key]!])),
  };
}

/** https://repost.aws/knowledge-center/iam-role-aws-sts-error */
function packedSizePercent(policy: string, tags: Readonly<Record<string, string>>): number {
  const tagsLength = Object.entries(tags).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const ofTags = percent(tagsLength, PACKED_TAGS_LENGTH);
  const ofPolicy = percent(policy.replace(/\s/g, '').length, PACKED_POLICY_LENGTH);
  if (ofTags > 100) throw tooLarge(`Packed size of session tags consumes ${ofTags}% of allotted space.`);
  if (ofPolicy > 100)
    throw tooLarge(`Packed policy consumes ${ofPolicy}% of allotted space, please use smaller policy.`);
  return Math.max(ofTags, ofPolicy);
}

const percent = (length: number, limit: number): number => Math.ceil((length * 100) / limit);
const tooLarge = (message: string): AwsError => new AwsError('PackedPolicyTooLarge', message);

function checkPattern(value: string, member: string): void {
  if (!/^[\w+=,.@-]{2,64}$/.test(value)) throw constraintViolation(value, member, '[\\w+=,.@-]*');
}

const constraintViolation = (value: string, member: string, pattern: string): AwsError =>
  invalid(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`,
  );

const invalid = (message: string, code = 'ValidationError'): AwsError => new AwsError(code, message);
