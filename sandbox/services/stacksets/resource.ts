/**
 * Only service-managed permissions are modelled.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stackset.html
 */
import * as z from 'zod';
import { AwsError, type ResourceName, type ResourceType } from '../../kernel/kernel.ts';
import { organizationState } from '../organizations/look-up.ts';
import { flag, parseProperties, tagsSchema } from '../properties.ts';
import { notModelled } from '../requests.ts';
import { settleInstances } from './instances.ts';
import type { StackSetRecord, StackSetsAt, StackSetsState } from './state.ts';

export const STACK_SET_TYPE = 'AWS::CloudFormation::StackSet';
/** The service principal with trusted access and delegated administrators. */
const SERVICE = 'member.org.stacksets.cloudformation.amazonaws.com';
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const INLINE_BYTES = 51_200;

const preferencesSchema = z.strictObject({
  FailureToleranceCount: z.number().optional(),
  FailureTolerancePercentage: z.number().optional(),
  MaxConcurrentCount: z.number().optional(),
  MaxConcurrentPercentage: z.number().optional(),
  RegionConcurrencyType: z.enum(['SEQUENTIAL', 'PARALLEL']).optional(),
  RegionOrder: z.array(z.string()).optional(),
  ConcurrencyMode: z.enum(['STRICT_FAILURE_TOLERANCE', 'SOFT_FAILURE_TOLERANCE']).optional(),
});
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
    /** Ignored: the sandbox deploys one account after the other, and the first failure ends it. */
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

export const stackSetResource: ResourceType<StackSetsState> = {
  async create(input, at, resource) {
    const properties = parseStackSet(input, at, resource);
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
    };
    at.state.sets.set(key, set);
    await settleInstances(at.kernel, set);
    return { ref: id, attributes: { StackSetId: id } };
  },
  async update(existing, input, at, resource) {
    const properties = parseStackSet(input, at, resource);
    const set = at.state.sets.get(`${at.account} ${properties.StackSetName}`);
    if (set?.id !== existing.ref) throw notModelled(`another name of an ${STACK_SET_TYPE}`);
    Object.assign(set, stackSetFields(properties));
    await settleInstances(at.kernel, set);
    return existing;
  },
  async remove(existing, at) {
    for (const [key, set] of at.state.sets) {
      if (set.id !== existing.ref) continue;
      set.units = [];
      await settleInstances(at.kernel, set);
      at.state.sets.delete(key);
    }
  },
};

function parseStackSet(input: unknown, at: StackSetsAt, resource: ResourceName): StackSetProperties {
  const properties = parseProperties(STACK_SET_TYPE, stackSetSchema, input, resource);
  if (properties.PermissionModel !== 'SERVICE_MANAGED') throw notModelled('StackSets with self-managed permissions');
  checkMayOperate(properties, at);
  const { TemplateBody, Capabilities, StackInstancesGroup } = properties;
  if (TemplateBody !== undefined && Buffer.byteLength(TemplateBody) > INLINE_BYTES)
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${INLINE_BYTES}`,
    );
  if (hasNamedIam(templateOf(properties)) && !Capabilities.includes('CAPABILITY_NAMED_IAM'))
    throw new AwsError('InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_NAMED_IAM]');
  const { organization, units } = organizationState(at.kernel);
  for (const unit of StackInstancesGroup[0]!.DeploymentTargets.OrganizationalUnitIds)
    if (unit !== organization?.root && !units.has(unit))
      throw new AwsError('ValidationError', `Invalid OrganizationalUnitIds: ${unit}`);
  return properties;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html */
function checkMayOperate({ CallAs }: StackSetProperties, at: StackSetsAt): void {
  const { organization, delegated, trusted } = organizationState(at.kernel);
  const isManagement = organization?.managementAccount === at.account;
  if (CallAs === 'DELEGATED_ADMIN' && !delegated.get(SERVICE)?.has(at.account))
    throw new AwsError('ValidationError', 'Account used is not a delegated administrator');
  if (CallAs === 'SELF' && !isManagement)
    throw new AwsError(
      'ValidationError',
      'You must be the management account or delegated admin account of an organization before operating a SERVICE_MANAGED stack set',
    );
  if (!trusted.has(SERVICE))
    throw new AwsError(
      'ValidationError',
      'You must enable organizations access to operate a service managed stack set',
    );
}

const templateOf = ({ TemplateBody, Fetched }: StackSetProperties): string => TemplateBody ?? Fetched ?? '';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html */
function hasNamedIam(template: string): boolean {
  const { Resources = {} } = JSON.parse(template) as {
    Resources?: Record<string, { Type: string; Properties?: object }>;
  };
  return Object.values(Resources).some(
    ({ Type, Properties = {} }) =>
      Type.startsWith('AWS::IAM::') &&
      Object.keys(Properties).some((name) => /^(Role|ManagedPolicy|User|Group)Name$/.test(name)),
  );
}

function stackSetFields(
  properties: StackSetProperties,
): Pick<StackSetRecord, 'template' | 'units' | 'accounts' | 'regions' | 'automatic' | 'retain'> {
  const [{ DeploymentTargets, Regions }] = properties.StackInstancesGroup as [
    StackSetProperties['StackInstancesGroup'][number],
  ];
  return {
    template: templateOf(properties),
    units: DeploymentTargets.OrganizationalUnitIds,
    accounts: DeploymentTargets.Accounts,
    regions: Regions,
    automatic: properties.AutoDeployment?.Enabled ?? false,
    retain: properties.AutoDeployment?.RetainStacksOnAccountRemoval ?? false,
  };
}
