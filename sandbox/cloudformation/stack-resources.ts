/** Creates, updates and removes single resources of a stack with the deployer's credentials. */
import { isDeepStrictEqual } from 'node:util';
import {
  type At,
  AwsError,
  type AwsPlace,
  type Kernel,
  type Principal,
  type ResourceChange,
  type ResourceType,
  type Service,
} from '../kernel/kernel.ts';
import { withDynamicReferences } from './dynamic-references.ts';
import type { StackResource } from './stacks.ts';
import { type TemplateResource, templateError } from './template.ts';

export type StackDeployment = {
  readonly kernel: Kernel;
  readonly place: AwsPlace;
  readonly stackName: string;
  readonly as: Principal | undefined;
};

/** Creates a resource, or updates the existing one if its properties differ. */
export async function createOrUpdate(
  deployment: StackDeployment,
  logicalId: string,
  { Type: type, DeletionPolicy: deletionPolicy }: TemplateResource,
  properties: unknown,
  existing: StackResource | undefined,
): Promise<StackResource> {
  const { stackName } = deployment;
  const declared = { type, properties, deletionPolicy, changedAt: deployment.kernel.clock.now() };
  if (existing && existing.type !== type)
    throw templateError(stackName, `Update of resource type is not permitted (${existing.type} to ${type})`, logicalId);
  if (existing && isDeepStrictEqual(existing.properties, properties))
    return { ...declared, created: existing.created, changedAt: existing.changedAt ?? declared.changedAt };
  const { service, resourceType } = typeOf(deployment, logicalId, type);
  if (existing && !resourceType.update) throw notModelled(stackName, logicalId, type, 'an update of its properties');
  const at = deployingAt(deployment, service);
  const name = { logicalId, stack: stackName };
  const created = await withLocation(stackName, logicalId, type, async () => {
    const { kernel, place } = deployment;
    const values = await withDynamicReferences({ kernel, place, principal: at.principal }, properties);
    const change = { kind: existing ? 'update' : 'create', properties: values, existing: existing?.created } as const;
    authorizeChange(at, resourceType, change);
    return existing ? resourceType.update!(existing.created, values, at, name) : resourceType.create(values, at, name);
  });
  return { ...declared, created };
}

export async function removeResource(
  deployment: StackDeployment,
  logicalId: string,
  { type, properties, created }: StackResource,
): Promise<void> {
  const { stackName } = deployment;
  const { service, resourceType } = typeOf(deployment, logicalId, type);
  if (!resourceType.remove) throw notModelled(stackName, logicalId, type, 'its removal from a stack');
  const at = deployingAt(deployment, service);
  await withLocation(stackName, logicalId, type, async () => {
    authorizeChange(at, resourceType, { kind: 'remove', properties, existing: created });
    return resourceType.remove!(created, at, { logicalId, stack: stackName }, properties);
  });
}

/** CloudFormation calls the resource's service with the deployer's credentials, so these must have the permissions. */
function authorizeChange(at: At<unknown>, { needs }: ResourceType<unknown>, change: ResourceChange): void {
  for (const need of needs?.(change, at) ?? []) at.kernel.authorize(at.principal, at, need);
}

const notModelled = (stackName: string, logicalId: string, type: string, what: string): AwsError =>
  new AwsError('NotModelled', `Stack ${stackName}, ${logicalId} (${type}): ${what} is not modelled`, 501);

/** Returns the resource type with its service. @throws AwsError NotModelled for an unknown type */
export function typeOf({ kernel, stackName }: StackDeployment, logicalId: string, type: string) {
  const service = kernel.services?.find(({ resources }) => resources && Object.hasOwn(resources, type));
  if (service) return { service, resourceType: service.resources![type] as ResourceType<unknown> };
  throw new AwsError('NotModelled', `Stack ${stackName}, ${logicalId}: resource type ${type} is not modelled`, 501);
}

/** Returns the place with the deployer's credentials and the service's state. */
export function deployingAt({ kernel, place, as }: StackDeployment, service: Service): At<unknown> {
  if (!as && !kernel.administrator) throw new Error('this kernel has no administrators: pass the option `as`');
  const principal = as ?? kernel.administrator!(place.account);
  return { ...place, kernel, principal, requestId: kernel.uuid(), state: kernel.state(service, place) };
}

/** Adds the stack, the logical id and the type to errors. */
async function withLocation<T>(stackName: string, logicalId: string, type: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const where = `Stack ${stackName}, ${logicalId} (${type})`;
    if (!(error instanceof AwsError)) throw new Error(`${where}: ${error}`, { cause: error });
    throw new AwsError(error.code, `${where}: ${error.message}`, error.status, error.fields);
  }
}
