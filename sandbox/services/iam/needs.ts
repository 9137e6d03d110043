import type { Need } from '../../kernel/kernel.ts';
import { type IamAt, type IamEntity, type IamType, iamArn } from './state.ts';

type KnownEntity = Pick<IamEntity, 'arn'> & { readonly tags?: ReadonlyMap<string, string>; readonly boundary?: string };

/**
 * Returns the need on one entity. The ARN of an unknown entity has no path.
 * @param known the entity, if it exists
 */
export function iamNeeds(
  at: IamAt,
  action: string,
  type: IamType,
  name: string | undefined,
  known: KnownEntity | undefined,
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

export const needsOnRole =
  (action: string) =>
  (input: { RoleName?: string | undefined }, at: IamAt): readonly Need[] =>
    iamNeeds(at, action, 'role', input.RoleName, at.state.roles.get(input.RoleName ?? ''));

export const needsOnRolePolicy =
  (action: string) =>
  (input: { RoleName?: string | undefined; PolicyArn?: string | undefined }, at: IamAt): readonly Need[] =>
    iamNeeds(at, action, 'role', input.RoleName, at.state.roles.get(input.RoleName ?? ''), {
      'iam:PolicyARN': input.PolicyArn ?? '',
    });

export const needsOnUser =
  (action: string) =>
  (input: { UserName?: string | undefined; PolicyArn?: string | undefined }, at: IamAt): readonly Need[] => {
    const name = userNameIn(input, at);
    return iamNeeds(at, action, 'user', name, at.state.users.get(name ?? ''), policyContext(input));
  };

export const needsOnGroup =
  (action: string) =>
  (input: { GroupName?: string | undefined; PolicyArn?: string | undefined }, at: IamAt): readonly Need[] => {
    return iamNeeds(
      at,
      action,
      'group',
      input.GroupName,
      at.state.groups.get(input.GroupName ?? ''),
      policyContext(input),
    );
  };

export const needsOnPolicy =
  (action: string) =>
  (input: { PolicyArn?: string | undefined }, at: IamAt): readonly Need[] => [
    {
      action: `iam:${action}`,
      resource: input.PolicyArn ?? '*',
      resourceTags: Object.fromEntries(at.state.policies.get(input.PolicyArn ?? '')?.tags ?? []),
    },
  ];

const policyContext = ({ PolicyArn }: { PolicyArn?: string | undefined }): Record<string, string> =>
  PolicyArn === undefined ? {} : { 'iam:PolicyARN': PolicyArn };

export const userNameIn = (input: { UserName?: string | undefined }, at: IamAt): string | undefined =>
  input.UserName ?? (at.principal.kind === 'user' ? at.principal.user : undefined);

/**
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 * @param toService the service principal: `lambda.amazonaws.com`
 */
export const passRoleNeed = (roleArn: string, toService: string): Need => ({
  action: 'iam:PassRole',
  resource: roleArn,
  context: { 'iam:PassedToService': toService },
});
