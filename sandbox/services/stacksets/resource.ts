/**
 * Only service-managed permissions are modelled.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stackset.html
 */
import * as z from 'zod';
import { AwsError, type ResourceName, type ResourceType } from '../../kernel/kernel.ts';
import { requestedTemplate } from '../cloudformation/template-url.ts';
import { organizationState } from '../organizations/look-up.ts';
import { checkMayOperate } from '../organizations/stack-set-access.ts';
import { flag, parseProperties, tagsSchema } from '../properties.ts';
import { notModelled } from '../requests.ts';
import { addInstances, removeInstances } from './instances.ts';
import { addOperation, isOpen, markOutdated, performOperation } from './operation.ts';
import { preferencesSchema } from './preferences.ts';
import type { StackSetRecord, StackSetsAt, StackSetsState } from './state.ts';
import { checkTemplate } from './template.ts';

export const STACK_SET_TYPE = 'AWS::CloudFormation::StackSet';

const stackSetSchema = z
  .strictObject({
    StackSetName: z.string().regex(/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/),
    PermissionModel: z.enum(['SERVICE_MANAGED', 'SELF_MANAGED']),
    AutoDeployment: z
      .strictObject({ Enabled: flag.optional(), RetainStacksOnAccountRemoval: flag.optional() })
      .optional(),
    CallAs: z.enum(['SELF', 'DELEGATED_ADMIN']).default('SELF'),
    Capabilities: z.array(z.enum(['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'])).default([]),
    Description: z.string().max(1024).optional(),
    ManagedExecution: z.strictObject({ Active: flag }).optional(),
    OperationPreferences: preferencesSchema.optional(),
    StackInstancesGroup: z
      .array(
        z.strictObject({
          DeploymentTargets: z
            .strictObject({
              OrganizationalUnitIds: z.array(z.string()).min(1),
              Accounts: z.array(z.string()).min(1).optional(),
              AccountFilterType: z.literal('INTERSECTION').optional(),
            })
            .refine(({ Accounts, AccountFilterType }) => Boolean(Accounts) === Boolean(AccountFilterType), {
              message: 'Accounts beside units need an AccountFilterType',
            }),
          Regions: z.array(z.string()).min(1),
        }),
      )
      .length(1),
    Tags: tagsSchema.optional(),
    TemplateBody: z.string().optional(),
    TemplateURL: z.string().optional(),
    Fetched: z.string().optional(),
  })
  .refine(({ TemplateBody, TemplateURL }) => (TemplateBody === undefined) !== (TemplateURL === undefined), {
    message: 'exactly one of TemplateBody and TemplateURL',
  });
type StackSetProperties = z.infer<typeof stackSetSchema>;
type FetchedStackSet = StackSetProperties & { readonly template: string };
type ResourceAt = Parameters<ResourceType<StackSetsState>['create']>[1];

export const stackSetResource: ResourceType<StackSetsState> = {
  async create(input, at, resource) {
    const properties = await parseStackSet(input, at, resource);
    const key = `${at.account} ${properties.StackSetName}`;
    if (at.state.sets.has(key))
      throw new AwsError('NameAlreadyExistsException', `StackSet ${properties.StackSetName} already exists`);
    const id = `${properties.StackSetName}:${at.kernel.uuid()}`;
    const set: StackSetRecord = {
      id,
      name: properties.StackSetName,
      account: at.account,
      ...stackSetFields(properties),
      instances: new Map(),
      operations: [],
    };
    at.state.sets.set(key, set);
    try {
      await deploySet(at, set, properties);
    } catch (error) {
      // CloudFormation deletes a resource whose creation failed.
      await removeSet(at, key, set);
      throw error;
    }
    return { ref: id, attributes: { StackSetId: id } };
  },
  async update(existing, input, at, resource) {
    const properties = await parseStackSet(input, at, resource);
    const set = at.state.sets.get(`${at.account} ${properties.StackSetName}`);
    if (set?.id !== existing.ref) throw notModelled(`another name of an ${STACK_SET_TYPE}`);
    if (set.operations.some(isOpen)) throw notModelled(`an update of an ${STACK_SET_TYPE} while an operation is open`);
    Object.assign(set, stackSetFields(properties));
    await deploySet(at, set, properties);
    return existing;
  },
  async remove(existing, at) {
    for (const [key, set] of at.state.sets) {
      if (set.id === existing.ref) await removeSet(at, key, set);
    }
  },
};

async function removeSet({ kernel, state }: StackSetsAt, key: string, set: StackSetRecord): Promise<void> {
  set.units = [];
  await removeInstances(kernel, set);
  state.sets.delete(key);
}

async function parseStackSet(input: unknown, at: ResourceAt, resource: ResourceName): Promise<FetchedStackSet> {
  const properties = parseProperties(STACK_SET_TYPE, stackSetSchema, input, resource);
  if (properties.PermissionModel !== 'SERVICE_MANAGED') throw notModelled('StackSets with self-managed permissions');
  checkMayOperate(at.kernel, at.account, properties.CallAs);
  const { Fetched, Capabilities, StackInstancesGroup } = properties;
  // An asset stands in the assembly, any other address in S3.
  const template = Fetched ?? (await requestedTemplate(properties, at))!;
  checkTemplate(template, Capabilities);
  const { organization, units } = organizationState(at.kernel);
  for (const unit of StackInstancesGroup[0]!.DeploymentTargets.OrganizationalUnitIds)
    if (unit !== organization?.root && !units.has(unit))
      throw new AwsError('ValidationError', `Invalid OrganizationalUnitIds: ${unit}`);
  return { ...properties, template };
}

/** @throws the first failure of an account, if more failed than the operation tolerates */
async function deploySet({ kernel }: StackSetsAt, set: StackSetRecord, properties: StackSetProperties): Promise<void> {
  await removeInstances(kernel, set);
  markOutdated(set);
  const added = addInstances(kernel, set);
  const { OperationPreferences: preferences = {} } = properties;
  // A deployment takes no id from the sandbox's seed.
  const id = `00000000-0000-4000-8000-${String(set.operations.length + 1).padStart(12, '0')}`;
  const action = added.length === set.instances.size ? 'CREATE' : 'UPDATE';
  const operation = addOperation(kernel, set, { id, action, preferences, targets: { units: set.units } }, 'RUNNING');
  const [first] = await performOperation(kernel, set, operation);
  if (operation.status === 'FAILED') throw first;
}

function stackSetFields(
  properties: FetchedStackSet,
): Omit<StackSetRecord, 'id' | 'name' | 'account' | 'instances' | 'operations'> {
  const [{ DeploymentTargets, Regions }] = properties.StackInstancesGroup as [
    StackSetProperties['StackInstancesGroup'][number],
  ];
  return {
    template: properties.template,
    description: properties.Description ?? '',
    capabilities: properties.Capabilities,
    units: DeploymentTargets.OrganizationalUnitIds,
    accounts: DeploymentTargets.Accounts,
    regions: Regions,
    automatic: properties.AutoDeployment?.Enabled ?? false,
    retain: properties.AutoDeployment?.RetainStacksOnAccountRemoval ?? false,
    managed: properties.ManagedExecution?.Active ?? false,
  };
}
