/**
 * The messages of denials, which differ from service to service and never name the policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
import { AwsError, type ErrorForm, type Kernel, type Need } from '../kernel/kernel.ts';
import { DENIAL, denialOf } from '../kernel/service-facts.ts';
import type { IamVerdict, PolicyKind } from './evaluate.ts';

const POLICY_KINDS: Readonly<Record<PolicyKind, string>> = {
  identity: 'identity-based policy',
  resource: 'resource-based policy',
  trust: 'role trust policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  scp: 'service control policy',
};

export function denialError(
  kernel: Kernel,
  service: string,
  caller: string,
  need: Need,
  because: NonNullable<IamVerdict['because']>,
): AwsError {
  const { code, status } = denialForm(kernel, service, need.action);
  return new AwsError(code, wording(service, caller, need, because), status);
}

function denialForm(kernel: Kernel, name: string, action: string): ErrorForm {
  const service = kernel.services?.find((each) => each.name === name);
  if (!service) return DENIAL;
  return (action.startsWith('kms:') && service.keyDenial) || denialOf(service);
}

function wording(service: string, caller: string, need: Need, because: NonNullable<IamVerdict['because']>): string {
  const action = spelled(need.action);
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
  if (!explicit) return `because no ${POLICY_KINDS[kind]} allows the ${action} action`;
  const article = kind === 'identity' ? 'an' : 'a';
  return `with an explicit deny in ${article} ${POLICY_KINDS[kind]}`;
}

/** Returns the action in the service's spelling: SQS uses lower case, SNS a prefix in upper case. */
function spelled(action: string): string {
  if (action.startsWith('sqs:')) return action.toLowerCase();
  return action.replace(/^sns:/, 'SNS:');
}
