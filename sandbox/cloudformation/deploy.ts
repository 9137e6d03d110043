/** Deploys one template into one account and Region, as CloudFormation does. */
import { isDeepStrictEqual } from 'node:util';
import {
  type At,
  AwsError,
  type AwsPlace,
  type CreatedResource,
  type Kernel,
  type Principal,
  type ResourceChange,
  type ResourceType,
  type Service,
} from '../kernel/kernel.ts';
import { withAssets } from './assets.ts';
import { withDynamicReferences } from './dynamic-references.ts';
import { type Imports, importedPart, importedResource } from './imports.ts';
import { resolve } from './intrinsics.ts';
import { resourceOrder } from './order.ts';
import { resolveOutputs } from './outputs.ts';
import { BOOTSTRAP_VERSION, parameterValues } from './parameters.ts';
import { checkRules } from './rules.ts';
import { stackScope } from './scope.ts';
import { arnOfStack, CLOUDFORMATION, isRetained, type Stack, type StackResource } from './stacks.ts';
import { parseTemplate, type Template, type TemplateResource, templateError } from './template.ts';

export type DeployOptions = {
  readonly parameters?: Readonly<Record<string, string>>;
  /** Of the account's bootstrap; undefined for none. Default: a recent one. */
  readonly bootstrapVersion?: number | undefined;
  /** Absolute paths of assets by their object key: directories (`<hash>.zip`) and files (`<hash>.json`). */
  readonly assets?: ReadonlyMap<string, string>;
  readonly as?: Principal;
  /** Default: the stack's present tags. */
  readonly tags?: Stack['tags'];
  /** A protected stack cannot be deleted, even after a failed creation. Default: the stack's present protection. */
  readonly isProtected?: boolean;
  /** The stack that this one is nested in. */
  readonly parent?: string;
  /** The logical id of a resource that fails after it was created or updated, because it does not stabilize. */
  readonly failing?: string;
  /** Resources that exist and that the stack takes over. */
  readonly imports?: Imports;
};

/**
 * Creates or updates a stack. A deployment that fails is rolled back, and its error names stack, logical id and type.
 * As CDK and StackSets do, deletes a stack whose creation failed before it creates it again.
 * @throws AwsError ValidationError for any part of the template that AWS, or this sandbox, does not know
 */
export async function deployTemplate(
  kernel: Kernel,
  place: AwsPlace,
  stackName: string,
  template: unknown,
  options: DeployOptions = {},
): Promise<Stack> {
  const parsed = importedPart(parseTemplate(stackName, template), options.imports);
  const deployment = { kernel, place, stackName, as: options.as };
  return kernel.clock.during(async () => {
    const status = kernel.state(CLOUDFORMATION, place).stacks.get(stackName)?.status;
    if (status === 'ROLLBACK_COMPLETE' || status === 'ROLLBACK_FAILED')
      await deleteStack(kernel, place, stackName, options.as);
    return deploy(deployment, parsed, options);
  });
}

/**
 * Removes resources in reverse order, except for those whose DeletionPolicy retains them. Idempotent.
 * @throws AwsError ValidationError for a stack with termination protection
 */
export async function deleteStack(kernel: Kernel, place: AwsPlace, stackName: string, as?: Principal): Promise<void> {
  const state = kernel.state(CLOUDFORMATION, place);
  const stack = state.stacks.get(stackName);
  if (stack?.isProtected)
    throw new AwsError(
      'ValidationError',
      `Stack [${stackName}] cannot be deleted while TerminationProtection is enabled`,
    );
  for (const [logicalId, resource] of [...(stack?.resources ?? [])].reverse())
    if (!isRetained(resource)) await removeResource({ kernel, place, stackName, as }, logicalId, resource);
  state.stacks.delete(stackName);
  if (stack) {
    const { name, id, createdAt, tags, resources } = stack;
    state.deleted.set(id, { name, id, createdAt, tags, resources, deletedAt: kernel.clock.now() });
  }
  for (const [name, exported] of state.exports) if (exported.stack === stackName) state.exports.delete(name);
}

type Deployment = {
  readonly kernel: Kernel;
  readonly place: AwsPlace;
  readonly stackName: string;
  readonly as: Principal | undefined;
};

/** A step of a deployment. `before` is absent for a resource that the step created. */
type Change = {
  readonly logicalId: string;
  readonly resource: StackResource;
  readonly before?: StackResource;
  /** A rollback does not remove it. */
  readonly isImported?: boolean;
};

async function deploy(deployment: Deployment, template: Template, options: DeployOptions): Promise<Stack> {
  const { kernel, place, stackName } = deployment;
  const state = kernel.state(CLOUDFORMATION, place);
  const before = state.stacks.get(stackName);
  const stackId = before?.id ?? arnOfStack(kernel, place, stackName);
  const stack: Stack = {
    name: stackName,
    id: stackId,
    status: before ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE',
    resources: new Map(),
    outputs: new Map(),
    createdAt: before?.createdAt ?? kernel.clock.now(),
    tags: options.tags ?? before?.tags ?? {},
    isProtected: options.isProtected ?? before?.isProtected ?? false,
    ...(options.parent !== undefined && { parent: options.parent }),
  };
  const created = new Map<string, CreatedResource>();
  const { parameters: values = {} } = options;
  const bootstrapVersion = 'bootstrapVersion' in options ? options.bootstrapVersion : BOOTSTRAP_VERSION;
  const parameters = parameterValues(stackName, template.Parameters, { values, bootstrapVersion });
  const importValue = (name: string) => {
    const found = state.exports.get(name);
    if (!found) throw templateError(stackName, `No export named ${name} found.`);
    return found.value;
  };
  const scope = stackScope({ place, stackName, stackId, template, parameters, created, importValue });
  checkRules(stackName, template, scope);
  const order = resourceOrder(template, scope);
  // Before anything is created, because a template with an unknown type fails as a whole.
  for (const [id, { Type }] of Object.entries(template.Resources)) typeOf(deployment, id, Type);

  const changes: Change[] = [];
  try {
    for (const logicalId of order) {
      const declared = template.Resources[logicalId]!;
      const resolved = resolve(declared.Properties, scope, [logicalId, 'Properties']);
      const properties = await withAssets(declared.Type, resolved, options.assets, [stackName, logicalId]);
      const existing = before?.resources.get(logicalId);
      const imported = existing ? undefined : adopt(deployment, options.imports, logicalId, declared, properties);
      const resource = imported ?? (await createOrUpdate(deployment, logicalId, declared, properties, existing));
      created.set(logicalId, resource.created);
      stack.resources.set(logicalId, resource);
      changes.push({ logicalId, resource, before: existing, isImported: imported !== undefined });
      if (logicalId === options.failing) throw unstable(stackName, logicalId, declared.Type);
    }
    resolveOutputs(template, scope, stack, state);
  } catch (error) {
    throw await rollBack(deployment, { before, failed: stack, changes }, error);
  }
  for (const [logicalId, resource] of [...(before?.resources ?? [])].reverse())
    if (!stack.resources.has(logicalId) && !isRetained(resource)) await removeResource(deployment, logicalId, resource);
  state.stacks.set(stackName, stack);
  return stack;
}

const unstable = (stackName: string, logicalId: string, type: string) =>
  new AwsError('NotStabilized', `Stack ${stackName}, ${logicalId} (${type}): Resource did not stabilize.`);

type Failure = { readonly before: Stack | undefined; readonly failed: Stack; readonly changes: readonly Change[] };

/**
 * Undoes the changes of a deployment in reverse order. After a failed creation only `Retain` keeps a resource.
 * Returns the error of the deployment, with the one of the rollback if that failed too.
 */
async function rollBack(
  deployment: Deployment,
  { before, failed, changes }: Failure,
  cause: unknown,
): Promise<unknown> {
  const { stacks } = deployment.kernel.state(CLOUDFORMATION, deployment.place);
  const resources = new Map(before?.resources ?? failed.resources);
  const end = (outcome: 'COMPLETE' | 'FAILED') =>
    stacks.set(failed.name, {
      ...(before ?? failed),
      resources,
      status: before ? `UPDATE_ROLLBACK_${outcome}` : `ROLLBACK_${outcome}`,
    });
  try {
    for (const { logicalId, resource, before: earlier, isImported } of [...changes].reverse()) {
      if (isImported) resources.delete(logicalId);
      else if (earlier) resources.set(logicalId, await restore(deployment, logicalId, resource, earlier));
      else if (resource.deletionPolicy !== 'Retain') {
        await removeResource(deployment, logicalId, resource);
        resources.delete(logicalId);
      }
    }
  } catch (error) {
    end('FAILED');
    return rollbackFailed(cause, error);
  }
  end('COMPLETE');
  return cause;
}

async function restore(
  deployment: Deployment,
  logicalId: string,
  resource: StackResource,
  earlier: StackResource,
): Promise<StackResource> {
  const declared = { Type: earlier.type, Properties: {}, DeletionPolicy: undefined };
  const { created } = await createOrUpdate(deployment, logicalId, declared, earlier.properties, resource);
  return { ...earlier, created, changedAt: deployment.kernel.clock.now() };
}

function rollbackFailed(cause: unknown, error: unknown): Error {
  const messageOf = (each: unknown) => (each instanceof Error ? each.message : String(each));
  const message = `${messageOf(cause)} The rollback failed too: ${messageOf(error)}`;
  return cause instanceof AwsError ? new AwsError(cause.code, message, cause.status, cause.fields) : new Error(message);
}

function adopt(
  deployment: Deployment,
  imports: Imports | undefined,
  logicalId: string,
  declared: TemplateResource,
  properties: unknown,
): StackResource | undefined {
  const { Type: type, DeletionPolicy: deletionPolicy } = declared;
  const { service, resourceType } = typeOf(deployment, logicalId, type);
  const importing = { imports, logicalId, declared, resourceType, properties };
  const created = importedResource(importing, deployingAt(deployment, service));
  return created && { type, properties, deletionPolicy, created };
}

async function createOrUpdate(
  deployment: Deployment,
  logicalId: string,
  { Type: type, DeletionPolicy: deletionPolicy }: TemplateResource,
  properties: unknown,
  existing: StackResource | undefined,
): Promise<StackResource> {
  const { stackName } = deployment;
  const kept = { type, properties, deletionPolicy, changedAt: deployment.kernel.clock.now() };
  if (existing && existing.type !== type)
    throw templateError(stackName, `Update of resource type is not permitted (${existing.type} to ${type})`, logicalId);
  if (existing && isDeepStrictEqual(existing.properties, properties))
    return { ...kept, created: existing.created, changedAt: existing.changedAt ?? kept.changedAt };
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
  return { ...kept, created };
}

async function removeResource(
  deployment: Deployment,
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

function typeOf({ kernel, stackName }: Deployment, logicalId: string, type: string) {
  const service = kernel.services?.find(({ resources }) => resources && Object.hasOwn(resources, type));
  if (service) return { service, resourceType: service.resources![type] as ResourceType<unknown> };
  throw new AwsError('NotModelled', `Stack ${stackName}, ${logicalId}: resource type ${type} is not modelled`, 501);
}

function deployingAt({ kernel, place, as }: Deployment, service: Service): At<unknown> {
  if (!as && !kernel.administrator) throw new Error('this kernel has no administrators: pass the option `as`');
  const principal = as ?? kernel.administrator!(place.account);
  return { ...place, kernel, principal, requestId: kernel.uuid(), state: kernel.state(service, place) };
}

async function withLocation<T>(stackName: string, logicalId: string, type: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const where = `Stack ${stackName}, ${logicalId} (${type})`;
    if (!(error instanceof AwsError)) throw new Error(`${where}: ${error}`, { cause: error });
    throw new AwsError(error.code, `${where}: ${error.message}`, error.status, error.fields);
  }
}
