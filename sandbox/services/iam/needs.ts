/** What callers of IAM need to be allowed. */
import type { Need } from '../../kernel/kernel.ts';
import { type Entity, type IamAt, type IamType, iamArn } from './state.ts';

type Known = Pick<Entity, 'arn'> & { readonly tags?: ReadonlyMap<string, string>; readonly boundary?: string };

/** One action on one thing of this account; an unknown name is decided under its ARN without a path. */
export function needOn(
  at: IamAt,
  action: string,
  type: IamType,
  name: string | undefined,
  known: Known | undefined,
  context: Need['context'] = {},
): readonly Need[] {
  return [
    {
      action: `iam:${action}`,
      resource: known?.arn ?? iamArn(at, type, name ?? ''),
      context: { ...(known?.boundary && { 'iam:PermissionsBoundary': known.boundary }), ...context },
      resourceTags: Object.fromEntries(known?.tags ?? []),
    },
  ];
}

/** Needs of an operation that names a role. */
export const onRole =
  (action: string) =>
  (input: { RoleName?: string | undefined }, at: IamAt): readonly Need[] =>
    needOn(at, action, 'role', input.RoleName, at.state.roles.get(input.RoleName ?? ''));

/** Needs of attaching or detaching a managed policy. */
export const onRolePolicy =
  (action: string) =>
  (input: { RoleName?: string | undefined; PolicyArn?: string | undefined }, at: IamAt): readonly Need[] =>
    needOn(at, action, 'role', input.RoleName, at.state.roles.get(input.RoleName ?? ''), {
      'iam:PolicyARN': input.PolicyArn ?? '',
    });

/** Needs of an operation that names a user; without a name it is the caller's own. */
export const onUser =
  (action: string) =>
  (input: { UserName?: string | undefined; PolicyArn?: string | undefined }, at: IamAt): readonly Need[] => {
    const name = userNamed(input, at);
    return needOn(at, action, 'user', name, at.state.users.get(name ?? ''), policyNamed(input));
  };

export const onGroup =
  (action: string) =>
  (input: { GroupName?: string | undefined; PolicyArn?: string | undefined }, at: IamAt): readonly Need[] => {
    return needOn(at, action, 'group', input.GroupName, at.state.groups.get(input.GroupName ?? ''), policyNamed(input));
  };

export const onPolicy =
  (action: string) =>
  (input: { PolicyArn?: string | undefined }, at: IamAt): readonly Need[] => [
    {
      action: `iam:${action}`,
      resource: input.PolicyArn ?? '*',
      resourceTags: Object.fromEntries(at.state.policies.get(input.PolicyArn ?? '')?.tags ?? []),
    },
  ];

const policyNamed = ({ PolicyArn }: { PolicyArn?: string | undefined }): Record<string, string> =>
  PolicyArn === undefined ? {} : { 'iam:PolicyARN': PolicyArn };

/** The user an operation is about: the one named, else the caller. */
export const userNamed = (input: { UserName?: string | undefined }, at: IamAt): string | undefined =>
  input.UserName ?? (at.principal.kind === 'user' ? at.principal.user : undefined);

/**
 * What a caller needs to hand a role to a service.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 * @param toService the service principal: `lambda.amazonaws.com`
 */
export const passRoleNeed = (roleArn: string, toService: string): Need => ({
  action: 'iam:PassRole',
  resource: roleArn,
  context: { 'iam:PassedToService': toService },
});
