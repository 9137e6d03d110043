/** Deploys one template into one account and Region, as CloudFormation does. */
import { AwsError, type AwsPlace, type CreatedResource, type Kernel, type Principal } from '../kernel/kernel.ts';
import { withAssets } from './assets.ts';
import { type Imports, importedPart, importedResource } from './imports.ts';
import { resolve, type TemplateScope } from './intrinsics.ts';
import { resourceOrder } from './order.ts';
import { resolveOutputs } from './outputs.ts';
import { BOOTSTRAP_VERSION, parameterValues } from './parameters.ts';
import { checkRules } from './rules.ts';
import { stackScope } from './scope.ts';
import { createOrUpdate, deployingAt, removeResource, type StackDeployment, typeOf } from './stack-resources.ts';
import { arnOfStack, CLOUDFORMATION, isRetained, type Stack, type StackResource } from './stacks.ts';
import { parseTemplate, type Template, type TemplateResource, templateError } from './template.ts';

export type DeployOptions = {
  readonly parameters?: Readonly<Record<string, string>>;
  /** The version of the account's bootstrap; undefined for an account without one. Default: a recent one. */
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

/** The deployment of one resource. `before` is absent if the deployment created or imported it. */
type Change = {
  readonly logicalId: string;
  readonly resource: StackResource;
  readonly before?: StackResource;
  /** A rollback does not remove it. */
  readonly isImported?: boolean;
};

async function deploy(deployment: StackDeployment, template: Template, options: DeployOptions): Promise<Stack> {
  const { kernel, place, stackName } = deployment;
  const state = kernel.state(CLOUDFORMATION, place);
  const before = state.stacks.get(stackName);
  const stack = newStack(deployment, before, options);
  const created = new Map<string, CreatedResource>();
  const scope = templateScope(deployment, template, options, stack.id, created);
  checkRules(stackName, template, scope);
  const order = resourceOrder(template, scope);
  // Before anything is created, because a template with an unknown type fails as a whole.
  for (const [id, { Type }] of Object.entries(template.Resources)) typeOf(deployment, id, Type);

  const changes: Change[] = [];
  try {
    for (const logicalId of order) {
      const declared = template.Resources[logicalId]!;
      const change = await deployResource(deployment, logicalId, declared, { scope, before, options });
      created.set(logicalId, change.resource.created);
      stack.resources.set(logicalId, change.resource);
      changes.push(change);
      if (logicalId === options.failing) throw unstable(stackName, logicalId, declared.Type);
    }
    resolveOutputs(template, scope, stack, state);
  } catch (error) {
    throw await rollBack(deployment, { before, failed: stack, changes }, error);
  }
  await removeUndeclared(deployment, before, stack);
  state.stacks.set(stackName, stack);
  return stack;
}

/** Returns the stack after its deployment, without resources and outputs. */
function newStack(
  { kernel, place, stackName }: StackDeployment,
  before: Stack | undefined,
  options: DeployOptions,
): Stack {
  return {
    name: stackName,
    id: before?.id ?? arnOfStack(kernel, place, stackName),
    status: before ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE',
    resources: new Map(),
    outputs: new Map(),
    createdAt: before?.createdAt ?? kernel.clock.now(),
    tags: options.tags ?? before?.tags ?? {},
    isProtected: options.isProtected ?? before?.isProtected ?? false,
    ...(options.parent !== undefined && { parent: options.parent }),
  };
}

/** Returns the scope of the template's expressions. `created` gets each resource when it is deployed. */
function templateScope(
  { kernel, place, stackName }: StackDeployment,
  template: Template,
  options: DeployOptions,
  stackId: string,
  created: ReadonlyMap<string, CreatedResource>,
): TemplateScope {
  const { parameters: values = {} } = options;
  const bootstrapVersion = 'bootstrapVersion' in options ? options.bootstrapVersion : BOOTSTRAP_VERSION;
  const parameters = parameterValues(stackName, template.Parameters, { values, bootstrapVersion });
  const importValue = (name: string) => {
    const found = kernel.state(CLOUDFORMATION, place).exports.get(name);
    if (!found) throw templateError(stackName, `No export named ${name} found.`);
    return found.value;
  };
  return stackScope({ place, stackName, stackId, template, parameters, created, importValue });
}

type ResourceContext = {
  readonly scope: TemplateScope;
  readonly before: Stack | undefined;
  readonly options: DeployOptions;
};

/** Updates a resource of the stack, takes over one that the options import, or creates one. */
async function deployResource(
  deployment: StackDeployment,
  logicalId: string,
  declared: TemplateResource,
  { scope, before, options }: ResourceContext,
): Promise<Change> {
  const resolved = resolve(declared.Properties, scope, [logicalId, 'Properties']);
  const properties = await withAssets(declared.Type, resolved, options.assets, [deployment.stackName, logicalId]);
  const existing = before?.resources.get(logicalId);
  const imported = existing ? undefined : importResource(deployment, options.imports, logicalId, declared, properties);
  const resource = imported ?? (await createOrUpdate(deployment, logicalId, declared, properties, existing));
  return { logicalId, resource, before: existing, isImported: imported !== undefined };
}

/** Removes the resources that the template does not have any more, in reverse order. */
async function removeUndeclared(deployment: StackDeployment, before: Stack | undefined, stack: Stack): Promise<void> {
  for (const [logicalId, resource] of [...(before?.resources ?? [])].reverse())
    if (!stack.resources.has(logicalId) && !isRetained(resource)) await removeResource(deployment, logicalId, resource);
}

const unstable = (stackName: string, logicalId: string, type: string) =>
  new AwsError('NotStabilized', `Stack ${stackName}, ${logicalId} (${type}): Resource did not stabilize.`);

type Failure = { readonly before: Stack | undefined; readonly failed: Stack; readonly changes: readonly Change[] };

/**
 * Undoes the changes of a deployment in reverse order. After a failed creation only `Retain` keeps a resource.
 * Returns the error of the deployment, with the one of the rollback if that failed too.
 */
async function rollBack(
  deployment: StackDeployment,
  { before, failed, changes }: Failure,
  cause: unknown,
): Promise<unknown> {
  const { stacks } = deployment.kernel.state(CLOUDFORMATION, deployment.place);
  const resources = new Map(before?.resources ?? failed.resources);
  const endWith = (outcome: 'COMPLETE' | 'FAILED') =>
    stacks.set(failed.name, {
      ...(before ?? failed),
      resources,
      status: before ? `UPDATE_ROLLBACK_${outcome}` : `ROLLBACK_${outcome}`,
    });
  try {
    for (const { logicalId, resource, before: earlier, isImported } of [...changes].reverse()) {
      if (isImported) resources.delete(logicalId);
      else if (earlier) resources.set(logicalId, await restoreResource(deployment, logicalId, resource, earlier));
      else if (resource.deletionPolicy !== 'Retain') {
        await removeResource(deployment, logicalId, resource);
        resources.delete(logicalId);
      }
    }
  } catch (error) {
    endWith('FAILED');
    return rollbackFailed(cause, error);
  }
  endWith('COMPLETE');
  return cause;
}

async function restoreResource(
  deployment: StackDeployment,
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

/** Takes over a resource that exists; undefined if the options do not import it. */
function importResource(
  deployment: StackDeployment,
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
