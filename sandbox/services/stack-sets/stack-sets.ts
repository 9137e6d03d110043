/**
 * AWS::CloudFormation::StackSet with service-managed permissions; the self-managed model is not modelled.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stackset.html
 */
import * as z from 'zod';
import { type At, AwsError, defineService, type ResourceType, type Service } from '../../kernel/kernel.ts';
import { organizationOf } from '../organizations/look-up.ts';
import { onMove } from '../organizations/moves.ts';
import { flag, parseProperties, tagsSchema } from '../properties.ts';
import { notModelled } from '../requests.ts';
import { deployAutomatically, settleInstances } from './instances.ts';

export type StackSetRecord = {
  readonly id: string;
  readonly name: string;
  /** Where it was made. */
  readonly account: string;
  template: string;
  /** Roots and units whose accounts get a stack. */
  units: readonly string[];
  regions: readonly string[];
  automatic: boolean;
  retain: boolean;
  /** Names of stacks, by account and Region (`111122223333 us-east-1`). */
  instances: Map<string, string>;
};
export type StackSetsState = { readonly sets: Map<string, StackSetRecord> };
type Here = At<StackSetsState>;
type Resource = { readonly logicalId: string; readonly stack: string };

const TYPE = 'AWS::CloudFormation::StackSet';
/** The service principal that is trusted and for which administrators are delegated. */
const SERVICE = 'member.org.stacksets.cloudformation.amazonaws.com';
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const inlineBytes = 51_200;

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
    /** How many accounts at a time: the sandbox deploys one after the other, and the first failure ends it. */
    OperationPreferences: preferencesSchema.optional(),
    StackInstancesGroup: z
      .array(
        z.strictObject({
          DeploymentTargets: z.strictObject({ OrganizationalUnitIds: z.array(z.string()).min(1) }),
          Regions: z.array(z.string()).min(1),
        }),
      )
      .length(1),
    Tags: tagsSchema.optional(),
    TemplateBody: z.string().optional(),
    TemplateURL: z.string().optional(),
    /** What lies at TemplateURL. */
    Fetched: z.string().optional(),
  })
  .refine(({ TemplateBody, TemplateURL }) => (TemplateBody === undefined) !== (TemplateURL === undefined), {
    message: 'exactly one of TemplateBody and TemplateURL',
  });
type Wanted = z.infer<typeof stackSetSchema>;

const stackSetType: ResourceType<StackSetsState> = {
  async create(properties, at, resource) {
    const wanted = parsed(properties, at, resource);
    const key = `${at.account} ${wanted.StackSetName}`;
    if (at.state.sets.has(key))
      throw new AwsError('NameAlreadyExistsException', `StackSet ${wanted.StackSetName} already exists`);
    const id = `${wanted.StackSetName}:${at.kernel.uuid()}`;
    const set: StackSetRecord = {
      id,
      name: wanted.StackSetName,
      account: at.account,
      ...described(wanted),
      instances: new Map(),
    };
    at.state.sets.set(key, set);
    await settleInstances(at.kernel, set);
    return { ref: id, attributes: { StackSetId: id } };
  },
  async update(made, properties, at, resource) {
    const wanted = parsed(properties, at, resource);
    const set = at.state.sets.get(`${at.account} ${wanted.StackSetName}`);
    if (set?.id !== made.ref) throw notModelled(`another name of an ${TYPE}`);
    Object.assign(set, described(wanted));
    await settleInstances(at.kernel, set);
    return made;
  },
  async remove(made, at) {
    for (const [key, set] of at.state.sets) {
      if (set.id !== made.ref) continue;
      set.units = [];
      await settleInstances(at.kernel, set);
      at.state.sets.delete(key);
    }
  },
};

function parsed(properties: unknown, at: Here, resource: Resource): Wanted {
  const wanted = parseProperties(TYPE, stackSetSchema, properties, resource);
  if (wanted.PermissionModel !== 'SERVICE_MANAGED') throw notModelled('StackSets with self-managed permissions');
  mayOperate(wanted, at);
  const { TemplateBody, Capabilities, StackInstancesGroup } = wanted;
  if (TemplateBody !== undefined && Buffer.byteLength(TemplateBody) > inlineBytes)
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${inlineBytes}`,
    );
  if (makesNamedIam(templateOf(wanted)) && !Capabilities.includes('CAPABILITY_NAMED_IAM'))
    throw new AwsError('InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_NAMED_IAM]');
  const { organization, units } = organizationOf(at.kernel);
  for (const unit of StackInstancesGroup[0]!.DeploymentTargets.OrganizationalUnitIds)
    if (unit !== organization?.root && !units.has(unit))
      throw new AwsError('ValidationError', `Invalid OrganizationalUnitIds: ${unit}`);
  return wanted;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html */
function mayOperate({ CallAs }: Wanted, at: Here): void {
  const { organization, delegated, trusted } = organizationOf(at.kernel);
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

const templateOf = ({ TemplateBody, Fetched }: Wanted): string => TemplateBody ?? Fetched ?? '';

/** IAM resources whose names the template says. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html */
function makesNamedIam(template: string): boolean {
  const { Resources = {} } = JSON.parse(template) as {
    Resources?: Record<string, { Type: string; Properties?: object }>;
  };
  return Object.values(Resources).some(
    ({ Type, Properties = {} }) =>
      Type.startsWith('AWS::IAM::') &&
      Object.keys(Properties).some((name) => /^(Role|ManagedPolicy|User|Group)Name$/.test(name)),
  );
}

function described(wanted: Wanted): Pick<StackSetRecord, 'template' | 'units' | 'regions' | 'automatic' | 'retain'> {
  const [{ DeploymentTargets, Regions }] = wanted.StackInstancesGroup as [Wanted['StackInstancesGroup'][number]];
  return {
    template: templateOf(wanted),
    units: DeploymentTargets.OrganizationalUnitIds,
    regions: Regions,
    automatic: wanted.AutoDeployment?.Enabled ?? false,
    retain: wanted.AutoDeployment?.RetainStacksOnAccountRemoval ?? false,
  };
}

/** Keeps every StackSet of the organization: which accounts they reach is decided there. It has no API in the sandbox. */
export const stackSets: Service<{}, StackSetsState> = defineService<{}, StackSetsState>({
  name: 'stacksets',
  sdk: {},
  client: class {},
  prefix: 'cloudformation',
  scope: 'partition',
  state: () => ({ sets: new Map() }),
  operations: {},
  resources: { [TYPE]: stackSetType },
  start: (kernel) => onMove(kernel, (account) => deployAutomatically(kernel, account)),
});
