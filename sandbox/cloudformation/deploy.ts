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
import { isTrue, noValue, type Path, resolve, type Scope } from './intrinsics.ts';
import { resourceOrder } from './order.ts';
import { parameterValues } from './parameters.ts';
import { stackScope } from './scope.ts';
import { type CloudFormationState, cloudformation, type Stack, type StackResource } from './stacks.ts';
import { parseTemplate, type Template, type TemplateResource, templateError } from './template.ts';

export type DeployOptions = {
  readonly parameters?: Readonly<Record<string, string>>;
  /** Absolute paths of assets by their object key: directories (`<hash>.zip`) and files (`<hash>.json`). */
  readonly assets?: ReadonlyMap<string, string>;
  /** Who deploys; default: the account's administrator. */
  readonly as?: Principal;
};

/**
 * Makes or updates a stack. The first failure is thrown with stack, logical id and type before its message, and
 * what was made until then stays: a deployment that fails is an error of the template, not a state to go on from.
 * @throws ValidationError for whatever the template says that AWS, or this sandbox, does not know
 */
export async function deployTemplate(
  kernel: Kernel,
  place: AwsPlace,
  stackName: string,
  template: unknown,
  options: DeployOptions = {},
): Promise<Stack> {
  const parsed = parseTemplate(stackName, template);
  return kernel.clock.during(() => deploy(kernel, place, stackName, parsed, options));
}

/** Removes a stack and what it made, the last resource first; one that is not there is gone already. */
export async function deleteStack(kernel: Kernel, place: AwsPlace, stackName: string, as?: Principal): Promise<void> {
  const state = kernel.state(cloudformation, place);
  for (const [logicalId, gone] of [...(state.stacks.get(stackName)?.resources ?? [])].reverse())
    await removeResource(kernel, place, stackName, logicalId, gone, as);
  state.stacks.delete(stackName);
  for (const [name, { stack }] of state.exports) if (stack === stackName) state.exports.delete(name);
}

async function deploy(kernel: Kernel, place: AwsPlace, stackName: string, template: Template, options: DeployOptions) {
  const state = kernel.state(cloudformation, place);
  const before = state.stacks.get(stackName);
  const stackId = before?.id ?? arnOfStack(kernel, place, stackName);
  const stack: Stack = { name: stackName, id: stackId, resources: new Map(), outputs: new Map() };
  const made = new Map<string, CreatedResource>();
  const parameters = parameterValues(stackName, template.Parameters, options.parameters ?? {});
  const importValue = (name: string) => {
    const found = state.exports.get(name);
    if (!found) throw templateError(stackName, `No export named ${name} found.`);
    return found.value;
  };
  const scope = stackScope({ place, stackName, stackId, template, parameters, made, importValue });
  checkRules(stackName, template, scope);
  const order = resourceOrder(template, scope);
  const types = new Map(
    Object.entries(template.Resources).map(([id, { Type }]) => [id, typeOf(kernel, stackName, id, Type)]),
  );

  for (const logicalId of order) {
    const declared = template.Resources[logicalId]!;
    const resolved = resolve(declared.Properties, scope, [logicalId, 'Properties']);
    const properties = await withAssets(declared.Type, resolved, options.assets, [stackName, logicalId]);
    const after = await settle(logicalId, declared, properties, before?.resources.get(logicalId));
    made.set(logicalId, after.made);
    stack.resources.set(logicalId, after);
  }
  for (const [logicalId, gone] of [...(before?.resources ?? [])].reverse()) {
    if (!stack.resources.has(logicalId)) await removeResource(kernel, place, stackName, logicalId, gone, options.as);
  }
  resolveOutputs(template, scope, stack, state);
  state.stacks.set(stackName, stack);
  return stack;

  /** Leaves an unchanged resource, updates a changed one, makes a new one. */
  async function settle(
    logicalId: string,
    declared: TemplateResource,
    properties: unknown,
    existing: StackResource | undefined,
  ): Promise<StackResource> {
    const type = declared.Type;
    const kept = { type, properties, deletionPolicy: declared.DeletionPolicy };
    if (existing && existing.type !== type) {
      throw templateError(
        stackName,
        `Update of resource type is not permitted (${existing.type} to ${type})`,
        logicalId,
      );
    }
    if (existing && isDeepStrictEqual(existing.properties, properties)) return { ...kept, made: existing.made };
    const { service, resourceType } = types.get(logicalId)!;
    if (existing && !resourceType.update) throw notModelled(stackName, logicalId, type, 'an update of its properties');
    const at = deployingAt(kernel, place, service, options.as);
    const resource = { logicalId, stack: stackName };
    const result = await naming(stackName, logicalId, type, async () => {
      allowed(at, resourceType, { kind: existing ? 'update' : 'create', properties, made: existing?.made });
      return existing
        ? resourceType.update!(existing.made, properties, at, resource)
        : resourceType.create(properties, at, resource);
    });
    return { ...kept, made: result };
  }
}

async function removeResource(
  kernel: Kernel,
  place: AwsPlace,
  stackName: string,
  logicalId: string,
  { type, properties, made, deletionPolicy }: StackResource,
  as?: Principal,
): Promise<void> {
  if (deletionPolicy === 'Retain') return;
  const { service, resourceType } = typeOf(kernel, stackName, logicalId, type);
  if (!resourceType.remove) throw notModelled(stackName, logicalId, type, 'its removal from a stack');
  const at = deployingAt(kernel, place, service, as);
  await naming(stackName, logicalId, type, async () => {
    allowed(at, resourceType, { kind: 'remove', properties, made });
    return resourceType.remove!(made, at, { logicalId, stack: stackName });
  });
}

/** What the deployer must be allowed at the service that makes the resource, as CloudFormation calls it in the deployer's name. */
function allowed(at: At<unknown>, { needs }: ResourceType<unknown>, change: ResourceChange): void {
  for (const need of needs?.(change, at) ?? []) at.kernel.authorize(at.principal, at, need);
}

const notModelled = (stackName: string, logicalId: string, type: string, what: string): AwsError =>
  new AwsError('NotModelled', `Stack ${stackName}, ${logicalId} (${type}): ${what} is not modelled`, 501);

function checkRules(stackName: string, template: Template, scope: Scope): void {
  for (const [name, rule] of Object.entries(template.Rules)) {
    const path = ['Rules', name];
    if (rule.RuleCondition && !isTrue(rule.RuleCondition, scope, [...path, 'RuleCondition'])) continue;
    const broken = rule.Assertions.find((assertion) => !isTrue(assertion.Assert, scope, [...path, 'Assert']));
    if (broken) throw templateError(stackName, broken.AssertDescription ?? 'assertion failed', ...path);
  }
}

function resolveOutputs(template: Template, scope: Scope, stack: Stack, state: CloudFormationState): void {
  for (const [name, exported] of state.exports) {
    if (exported.stack === stack.name) state.exports.delete(name);
  }
  for (const [name, output] of Object.entries(template.Outputs)) {
    if (output.Condition && !scope.condition(output.Condition)) continue;
    const path: Path = ['Outputs', name];
    const value = resolve(output.Value, scope, [...path, 'Value']);
    if (value === noValue || typeof value === 'object') throw scope.error('an output must be a string', path);
    stack.outputs.set(name, value);
    if (!output.Export) continue;
    const exportName = String(resolve(output.Export.Name, scope, [...path, 'Export', 'Name']));
    const other = state.exports.get(exportName);
    if (other) throw scope.error(`Export with name ${exportName} is already exported by stack ${other.stack}.`, path);
    state.exports.set(exportName, { value, stack: stack.name });
  }
}

function typeOf(kernel: Kernel, stackName: string, logicalId: string, type: string) {
  const services: readonly Service[] = [cloudformation, ...(kernel.services ?? [])];
  const service = services.find(({ resources }) => resources && Object.hasOwn(resources, type));
  if (service) return { service, resourceType: service.resources![type] as ResourceType<unknown> };
  throw new AwsError('NotModelled', `Stack ${stackName}, ${logicalId}: resource type ${type} is not modelled`, 501);
}

function deployingAt(kernel: Kernel, place: AwsPlace, service: Service, as?: Principal): At<unknown> {
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
  return `arn:${place.partition}:cloudformation:${place.region}:${place.account}:stack/${stackName}/${kernel.uuid()}`;
}
