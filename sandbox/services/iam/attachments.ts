import { AwsError } from '../../kernel/kernel.ts';
import { checkIamName, checkIamQuota, parseStoredPolicy, policySize, urlEncoded } from './requests.ts';
import { entityNameOf, type IamEntity, type IamState, noSuchEntity, resolveManagedPolicy } from './state.ts';

/** Characters of all inline policies of one role, user or group. */
const MAX_INLINE_SIZE = { role: 10_240, user: 2_048, group: 5_120 };
type Kind = keyof typeof MAX_INLINE_SIZE;

export function attachPolicy(state: IamState, entity: IamEntity, arn: string | undefined): void {
  const { length } = entity.attached;
  resolveManagedPolicy(state, arn ?? '');
  if (entity.attached.includes(arn!)) return;
  checkIamQuota(length + 1, state.quotas.attachedPolicies, 'PoliciesPerRole');
  entity.attached.push(arn!);
}

export function detachPolicy(entity: IamEntity, arn: string | undefined): void {
  if (!entity.attached.includes(arn ?? '')) throw new AwsError('NoSuchEntity', `Policy ${arn} was not found.`, 404);
  entity.attached = entity.attached.filter((attached) => attached !== arn);
}

export const attachedPolicyList = (entity: IamEntity): { PolicyName: string; PolicyArn: string }[] =>
  entity.attached.map((arn) => ({ PolicyName: entityNameOf(arn), PolicyArn: arn }));

export function putInlinePolicy(
  entity: IamEntity,
  kind: Kind,
  name: string | undefined,
  text: string | undefined,
): void {
  const policy = parseStoredPolicy(text, 'identity');
  const inline = new Map(entity.inline).set(checkIamName(name, 'policyName', 128), policy);
  const size = inline.values().reduce((sum, { text }) => sum + policySize(text), 0);
  if (size > MAX_INLINE_SIZE[kind]) {
    const message = `Maximum policy size of ${MAX_INLINE_SIZE[kind]} bytes exceeded for ${kind} ${entity.name}`;
    throw new AwsError('LimitExceeded', message, 409);
  }
  entity.inline = inline;
}

export function getInlinePolicy(entity: IamEntity, kind: Kind, name: string | undefined) {
  const policy = entity.inline.get(name ?? '');
  if (!policy) throw noSuchEntity(`The ${kind} policy with name ${name}`);
  return { PolicyName: name!, PolicyDocument: urlEncoded(policy.text) };
}

export function deleteInlinePolicy(entity: IamEntity, kind: Kind, name: string | undefined): void {
  getInlinePolicy(entity, kind, name);
  entity.inline.delete(name!);
}

/** @throws AwsError DeleteConflict */
export function checkNoPolicies(entity: IamEntity): void {
  if (entity.attached.length > 0)
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409);
  if (entity.inline.size > 0)
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
}
