/** Inline and attached policies, which roles, users and groups have alike. */
import { AwsError } from '../../kernel/kernel.ts';
import { checkName, checkSize, encoded, policySize, readPolicy } from './input.ts';
import { type Entity, type IamState, managedPolicy, nameOf, noSuchEntity } from './state.ts';

/** Characters of all inline policies together, by kind. */
const inlineLimits = { role: 10_240, user: 2_048, group: 5_120 };
type Kind = keyof typeof inlineLimits;

export function attach(state: IamState, entity: Entity, arn: string | undefined): void {
  const { length } = entity.attached;
  managedPolicy(state, arn ?? '');
  if (entity.attached.includes(arn!)) return;
  checkSize(length + 1, state.quotas.attachedPolicies, 'PoliciesPerRole');
  entity.attached.push(arn!);
}

export function detach(entity: Entity, arn: string | undefined): void {
  if (!entity.attached.includes(arn ?? '')) throw new AwsError('NoSuchEntity', `Policy ${arn} was not found.`, 404);
  entity.attached = entity.attached.filter((attached) => attached !== arn);
}

export const attachedList = (entity: Entity): { PolicyName: string; PolicyArn: string }[] =>
  entity.attached.map((arn) => ({ PolicyName: nameOf(arn), PolicyArn: arn }));

export function putInline(entity: Entity, kind: Kind, name: string | undefined, text: string | undefined): void {
  const policy = readPolicy(text, 'identity');
  const inline = new Map(entity.inline).set(checkName(name, 'policyName', 128), policy);
  const size = inline.values().reduce((sum, { text }) => sum + policySize(text), 0);
  if (size > inlineLimits[kind]) {
    const message = `Maximum policy size of ${inlineLimits[kind]} bytes exceeded for ${kind} ${entity.name}`;
    throw new AwsError('LimitExceeded', message, 409);
  }
  entity.inline = inline;
}

export function getInline(entity: Entity, kind: Kind, name: string | undefined) {
  const policy = entity.inline.get(name ?? '');
  if (!policy) throw noSuchEntity(`The ${kind} policy with name ${name}`);
  return { PolicyName: name!, PolicyDocument: encoded(policy.text) };
}

export function deleteInline(entity: Entity, kind: Kind, name: string | undefined): void {
  getInline(entity, kind, name);
  entity.inline.delete(name!);
}

/** What must be gone before a role, user or group can be deleted. */
export function checkNoPolicies(entity: Entity): void {
  if (entity.attached.length > 0) {
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409);
  }
  if (entity.inline.size > 0) {
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
  }
}
