/** Creates the roles and managed policies of a template in the sandbox, within the quotas of IAM. */
import type { Place } from '../../functions/contract/remediation.ts';
import type { Sandbox } from '../../sandbox/index.ts';

type TemplateResources = Readonly<Record<string, { readonly Type: string; readonly Properties: any }>>;

/** Returns the names of the roles, and the ARNs of the policies. */
export async function createRoles({ kernel }: Sandbox, place: Place, resources: TemplateResources) {
  const iam = (operation: string, input: object) =>
    kernel.call<object, any>(kernel.administrator!(place.account), place, 'iam', operation, input);
  const filled = (value: string) =>
    value.replaceAll('${AWS::Partition}', place.partition).replaceAll('${AWS::AccountId}', place.account);
  const text = (document: unknown) =>
    JSON.stringify(document, (_, value) =>
      typeof value?.['Fn::Sub'] === 'string' ? filled(value['Fn::Sub']).replaceAll('${!', '${') : value,
    );
  const ofType = (type: string) => Object.entries(resources).filter(([, { Type }]) => Type === type);
  const arns: Record<string, string> = {};
  for (const [id, { Properties }] of ofType('AWS::IAM::ManagedPolicy')) {
    const { ManagedPolicyName: PolicyName, PolicyDocument, Path } = Properties;
    arns[id] = (await iam('CreatePolicy', { PolicyName, Path, PolicyDocument: text(PolicyDocument) })).Policy.Arn;
  }
  const roles: string[] = [];
  for (const [, { Properties }] of ofType('AWS::IAM::Role')) {
    const { RoleName, Path, Tags, AssumeRolePolicyDocument, PermissionsBoundary, ManagedPolicyArns, Policies } =
      Properties;
    const boundary = PermissionsBoundary && { PermissionsBoundary: arns[PermissionsBoundary.Ref] };
    await iam('CreateRole', {
      ...{ RoleName, Path, Tags, AssumeRolePolicyDocument: text(AssumeRolePolicyDocument) },
      ...boundary,
    });
    for (const { Ref } of ManagedPolicyArns ?? []) await iam('AttachRolePolicy', { RoleName, PolicyArn: arns[Ref] });
    for (const { PolicyName, PolicyDocument } of Policies ?? [])
      await iam('PutRolePolicy', { RoleName, PolicyName, PolicyDocument: text(PolicyDocument) });
    roles.push(RoleName);
  }
  return { roles, policies: Object.values(arns) };
}
