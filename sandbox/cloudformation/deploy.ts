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
import { conditionHolds, NO_VALUE, type Path, resolve, type TemplateScope } from './intrinsics.ts';
import { resourceOrder } from './order.ts';
import { parameterValues } from './parameters.ts';
import { stackScope } from './scope.ts';
import { CLOUDFORMATION, type CloudFormationState, type Stack, type StackResource } from './stacks.ts';
import { parseTemplate, type Template, type TemplateResource, templateError } from './template.ts';

export type DeployOptions = {
  readonly parameters?: Readonly<Record<string, string>>;
  /** Absolute paths of assets by their object key: directories (`<hash>.zip`) and files (`<hash>.json`). */
  readonly assets?: ReadonlyMap<string, string>;
  readonly as?: Principal;
  /** Default: those that the stack has. */
  readonly tags?: Stack['tags'];
  /** As `tags`. */
  readonly isProtected?: boolean;
  /** The stack that this one is nested in. */
  readonly parent?: string;
};

/**
 * Creates or updates a stack. The error of the first failure names stack, logical id and type. There is no rollback: a
 * failed deployment is an error of the template, not a state to continue from.
 * @throws AwsError ValidationError for any part of the template that AWS, or this sandbox, does not know
 */
export async function deployTemplate(
  kernel: Kernel,
  place: AwsPlace,
  stackName: string,
  template: unknown,
  options: DeployOptions = {},
): Promise<Stack> {
  const parsed = parseTemplate(stackName, template);
  const deployment = { kernel, place, stackName, as: options.as };
  return kernel.clock.during(() => deploy(deployment, parsed, options));
}

/** Removes resources in reverse order. Idempotent. */
export async function deleteStack(kernel: Kernel, place: AwsPlace, stackName: string, as?: Principal): Promise<void> {
  const state = kernel.state(CLOUDFORMATION, place);
  const stack = state.stacks.get(stackName);
  for (const [logicalId, resource] of [...(stack?.resources ?? [])].reverse())
    await removeResource({ kernel, place, stackName, as }, logicalId, resource);
  state.stacks.delete(stackName);
  if (stack) {
    const { name, id, created, tags } = stack;
    state.deleted.set(id, { name, id, created, tags, deleted: kernel.clock.now() });
  }
  for (const [name, { stack }] of state.exports) if (stack === stackName) state.exports.delete(name);
}

type Deployment = {
  readonly kernel: Kernel;
  readonly place: AwsPlace;
  readonly stackName: string;
  readonly as: Principal | undefined;
};

async function deploy(deployment: Deployment, template: Template, options: DeployOptions): Promise<Stack> {
  const { kernel, place, stackName } = deployment;
  const state = kernel.state(CLOUDFORMATION, place);
  const before = state.stacks.get(stackName);
  const stackId = before?.id ?? arnOfStack(kernel, place, stackName);
  const stack: Stack = {
    name: stackName,
    id: stackId,
    resources: new Map(),
    outputs: new Map(),
    created: before?.created ?? kernel.clock.now(),
    tags: options.tags ?? before?.tags ?? {},
    isProtected: options.isProtected ?? before?.isProtected ?? false,
    ...(options.parent !== undefined && { parent: options.parent }),
  };
  const created = new Map<string, CreatedResource>();
  const parameters = parameterValues(stackName, template.Parameters, options.parameters ?? {});
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

  for (const logicalId of order) {
    const declared = template.Resources[logicalId]!;
    const resolved = resolve(declared.Properties, scope, [logicalId, 'Properties']);
    const properties = await withAssets(declared.Type, resolved, options.assets, [stackName, logicalId]);
    const existing = before?.resources.get(logicalId);
    const resource = await createOrUpdate(deployment, logicalId, declared, properties, existing);
    created.set(logicalId, resource.created);
    stack.resources.set(logicalId, resource);
  }
  for (const [logicalId, resource] of [...(before?.resources ?? [])].reverse())
    if (!stack.resources.has(logicalId)) await removeResource(deployment, logicalId, resource);
  resolveOutputs(template, scope, stack, state);
  state.stacks.set(stackName, stack);
  return stack;
}

async function createOrUpdate(
  deployment: Deployment,
  logicalId: string,
  { Type: type, DeletionPolicy: deletionPolicy }: TemplateResource,
  properties: unknown,
  existing: StackResource | undefined,
): Promise<StackResource> {
  const { stackName } = deployment;
  const kept = { type, properties, deletionPolicy };
  if (existing && existing.type !== type)
    throw templateError(stackName, `Update of resource type is not permitted (${existing.type} to ${type})`, logicalId);
  if (existing && isDeepStrictEqual(existing.properties, properties)) return { ...kept, created: existing.created };
  const { service, resourceType } = typeOf(deployment, logicalId, type);
  if (existing && !resourceType.update) throw notModelled(stackName, logicalId, type, 'an update of its properties');
  const at = deployingAt(deployment, service);
  const name = { logicalId, stack: stackName };
  const created = await naming(stackName, logicalId, type, async () => {
    const change = { kind: existing ? 'update' : 'create', properties, existing: existing?.created } as const;
    authorizeChange(at, resourceType, change);
    return existing
      ? resourceType.update!(existing.created, properties, at, name)
      : resourceType.create(properties, at, name);
  });
  return { ...kept, created };
}

async function removeResource(
  deployment: Deployment,
  logicalId: string,
  { type, properties, created, deletionPolicy }: StackResource,
): Promise<void> {
  if (deletionPolicy === 'Retain') return;
  const { stackName } = deployment;
  const { service, resourceType } = typeOf(deployment, logicalId, type);
  if (!resourceType.remove) throw notModelled(stackName, logicalId, type, 'its removal from a stack');
  const at = deployingAt(deployment, service);
  await naming(stackName, logicalId, type, async () => {
    authorizeChange(at, resourceType, { kind: 'remove', properties, existing: created });
    return resourceType.remove!(created, at, { logicalId, stack: stackName });
  });
}

/** CloudFormation calls the resource's service with the deployer's credentials, so these must have the permissions. */
function authorizeChange(at: At<unknown>, { needs }: ResourceType<unknown>, change: ResourceChange): void {
  for (const need of needs?.(change, at) ?? []) at.kernel.authorize(at.principal, at, need);
}

const notModelled = (stackName: string, logicalId: string, type: string, what: string): AwsError =>
  new AwsError('NotModelled', `Stack ${stackName}, ${logicalId} (${type}): ${what} is not modelled`, 501);

function checkRules(stackName: string, template: Template, scope: TemplateScope): void {
  for (const [name, rule] of Object.entries(template.Rules)) {
    const path = ['Rules', name];
    if (rule.RuleCondition && !conditionHolds(rule.RuleCondition, scope, [...path, 'RuleCondition'])) continue;
    const broken = rule.Assertions.find((assertion) => !conditionHolds(assertion.Assert, scope, [...path, 'Assert']));
    if (broken) throw templateError(stackName, broken.AssertDescription ?? 'assertion failed', ...path);
  }
}

function resolveOutputs(template: Template, scope: TemplateScope, stack: Stack, state: CloudFormationState): void {
  for (const [name, exported] of state.exports) {
    if (exported.stack === stack.name) state.exports.delete(name);
  }
  for (const [name, output] of Object.entries(template.Outputs)) {
    if (output.Condition && !scope.condition(output.Condition)) continue;
    const path: Path = ['Outputs', name];
    const value = resolve(output.Value, scope, [...path, 'Value']);
    if (value === NO_VALUE || typeof value === 'object') throw scope.error('an output must be a string', path);
    stack.outputs.set(name, value);
    if (!output.Export) continue;
    const exportName = String(resolve(output.Export.Name, scope, [...path, 'Export', 'Name']));
    const other = state.exports.get(exportName);
    if (other) throw scope.error(`Export with name ${exportName} is already exported by stack ${other.stack}.`, path);
    state.exports.set(exportName, { value, stack: stack.name });
  }
}

function typeOf({ kernel, stackName }: Deployment, logicalId: string, type: string) {
  const service = kernel.services?.find(({ resources }) => resources && Object.hasOwn(resources, type));
  if (service) return { service, resourceType: service.resources![type] as ResourceType<unknown> };
  throw new AwsError('NotModelled', `Stack ${stackName}, ${logicalId}: resource type ${type} is not modelled`, 501);
}

function deployingAt({ kernel, place, as }: Deployment, service: Service): At<unknown> {
  if (!as && !kernel.administrator) throw new Error('this kernel has no administrators to deploy as');
  const principal = as ?? kernel.administrator!(place.account);
  return { ...place, kernel, principal, requestId: kernel.uuid(), state: kernel.state(service, place) };
}

async function naming<T>(stackName: string, logicalId: string, type: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const where = `Stack ${stackName}, ${logicalId} (${type})`;
    if (!(error instanceof AwsError)) throw new Error(`${where}: ${error}`, { cause: error });
    throw new AwsError(error.code, `${where}: ${error.message}`, error.status, error.fields);
  }
}

function arnOfStack(kernel: Kernel, place: AwsPlace, stackName: string): string {
  return `arn:${place.partition}:cloudformation:${place.region}:${place.account}:stack/${stackName}/${kernel.uuid('stack/')}`;
}
