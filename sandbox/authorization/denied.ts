/**
 * Denials in AWS's words, which differ from service to service and never name the policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
import { AwsError, type Need } from '../kernel/kernel.ts';
import type { IamVerdict, PolicyKind } from './evaluate.ts';

type Denial = { readonly code: string; readonly status: number };

const accessDenied: Denial = { code: 'AccessDenied', status: 403 };
const restJson: Denial = { code: 'AccessDeniedException', status: 403 };
const json: Denial = { code: 'AccessDeniedException', status: 400 };

/** By the sandbox's name of the service; what is not listed speaks JSON over RPC. */
const denials: Readonly<Record<string, Denial>> = {
  ec2: { code: 'UnauthorizedOperation', status: 403 },
  iam: accessDenied,
  sts: accessDenied,
  s3: accessDenied,
  s3control: accessDenied,
  sqs: accessDenied,
  cloudwatch: accessDenied,
  cloudformation: accessDenied,
  sns: { code: 'AuthorizationErrorException', status: 403 },
  lambda: restJson,
  securityhub: restJson,
  appconfig: restJson,
  appconfigdata: restJson,
  accessanalyzer: restJson,
  scheduler: restJson,
};

/** Services that have an error of their own for a caller who may not use the key. */
const keyDenials: Readonly<Record<string, Denial>> = {
  sqs: { code: 'KmsAccessDenied', status: 400 },
  sns: { code: 'KMSAccessDeniedException', status: 400 },
};

const kinds: Readonly<Record<PolicyKind, string>> = {
  identity: 'identity-based policy',
  resource: 'resource-based policy',
  trust: 'role trust policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  scp: 'service control policy',
};

/** The error that the service answers with when IAM says no. */
export function denialOf(
  service: string,
  caller: string,
  need: Need,
  because: NonNullable<IamVerdict['because']>,
): AwsError {
  const keyDenial = need.action.startsWith('kms:') ? keyDenials[service] : undefined;
  const { code, status } = keyDenial ?? denials[service] ?? json;
  return new AwsError(code, wording(service, caller, need, because), status);
}

function wording(service: string, caller: string, need: Need, because: NonNullable<IamVerdict['because']>): string {
  const action = spelt(need.action);
  const user = `User: ${caller} is not authorized to perform: ${action}`;
  if (need.action.startsWith('sts:')) return `${user} on resource: ${need.resource}`;
  const why = reason(action, because);
  if (service === 'ec2') {
    const where = need.resource === '*' ? '' : ` on resource: ${need.resource}`;
    return `You are not authorized to perform this operation. ${user}${where} ${why}`;
  }
  const resource = need.action.startsWith('s3:') ? `"${need.resource}"` : need.resource;
  return `${user} on resource: ${resource} ${why}`;
}

function reason(action: string, { kind, explicit }: NonNullable<IamVerdict['because']>): string {
  if (!explicit) return `because no ${kinds[kind]} allows the ${action} action`;
  const article = kind === 'identity' ? 'an' : 'a';
  return `with an explicit deny in ${article} ${kinds[kind]}`;
}

/** SQS writes its actions in lower case, SNS its prefix in upper case. */
function spelt(action: string): string {
  if (action.startsWith('sqs:')) return action.toLowerCase();
  return action.replace(/^sns:/, 'SNS:');
}
