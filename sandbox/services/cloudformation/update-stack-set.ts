/**
 * UpdateStackSet, with operations that take time.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStackSet.html
 */
import type * as sdk from '@aws-sdk/client-cloudformation';
import type { CloudFormationState } from '../../cloudformation/stacks.ts';
import { AwsError, type Kernel, type ServiceOperations } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers } from '../requests.ts';
import { accountsOfTargets, addOperation, isOpen, markOutdated, performOperation } from '../stacksets/operation.ts';
import { type OperationPreferences, preferencesSchema } from '../stacksets/preferences.ts';
import type { DeploymentTargets, StackSetOperationRecord, StackSetRecord } from '../stacksets/state.ts';
import { checkTemplate } from '../stacksets/template.ts';
import { type StacksAt, setFor, stackSetNeeds } from './stack-set-access.ts';
import { requestedTemplate } from './template-url.ts';

/** How long an account takes, as a stack of roles does in AWS. */
const ACCOUNT_MS = 40_000;
const QUEUE_POLL_MS = 5_000;

const MEMBERS = [
  'StackSetName',
  'TemplateBody',
  'TemplateURL',
  'UsePreviousTemplate',
  'Capabilities',
  'Description',
  'OperationPreferences',
  'DeploymentTargets',
  'Regions',
  'OperationId',
  'CallAs',
] as const;

export const stackSetUpdates: ServiceOperations<typeof sdk, CloudFormationState> = {
  UpdateStackSet: {
    needs: stackSetNeeds('UpdateStackSet'),
    run: async (input, at) => {
      onlyMembers('UpdateStackSet', input, MEMBERS);
      const text = await requestedTemplate(input, at);
      const set = setFor(input, at);
      const update = checkedUpdate(input, text, set, at);
      const { id } = update;
      if (set.operations.some((each) => each.id === id))
        throw new AwsError('OperationIdAlreadyExistsException', `Operation ${id} already exists`, 409);
      const isBusy = set.operations.some(isOpen);
      if (isBusy && !set.managed)
        throw new AwsError(
          'OperationInProgressException',
          `Another Operation on StackSet ${set.id} is in progress: ${set.operations.find(isOpen)!.id}`,
          409,
        );
      const operation = addOperation(at.kernel, set, { ...update, action: 'UPDATE' }, isBusy ? 'QUEUED' : 'RUNNING');
      at.kernel.background(`The operation ${id} of ${set.name}`, () => perform(at.kernel, set, operation, update));
      return { OperationId: id };
    },
  },
};

type StackSetUpdate = {
  readonly id: string;
  readonly template: string | undefined;
  readonly description: string | undefined;
  readonly capabilities: readonly string[];
  readonly preferences: OperationPreferences;
  readonly targets: DeploymentTargets;
};

async function perform(
  kernel: Kernel,
  set: StackSetRecord,
  operation: StackSetOperationRecord,
  { template, description, capabilities }: StackSetUpdate,
): Promise<void> {
  const before = set.operations.slice(0, set.operations.indexOf(operation));
  while (before.some(isOpen)) await kernel.clock.sleep(QUEUE_POLL_MS);
  set.capabilities = capabilities;
  if (description !== undefined) set.description = description;
  if (template !== undefined) {
    set.template = template;
    markOutdated(set);
  }
  await performOperation(kernel, set, operation, ACCOUNT_MS);
}

const invalid = (message: string) => new AwsError('ValidationError', message);

function checkedUpdate(
  input: sdk.UpdateStackSetInput,
  template: string | undefined,
  set: StackSetRecord,
  at: StacksAt,
): StackSetUpdate {
  const { UsePreviousTemplate = false, Capabilities = [], OperationPreferences = {} } = input;
  if ((template !== undefined) === UsePreviousTemplate)
    throw invalid('You must specify exactly one of TemplateBody, TemplateURL and UsePreviousTemplate');
  checkTemplate(template ?? set.template, Capabilities);
  const preferences = preferencesSchema.safeParse(OperationPreferences);
  if (!preferences.success)
    throw invalid(preferences.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  return {
    id: input.OperationId ?? at.kernel.uuid(),
    template,
    description: input.Description,
    capabilities: Capabilities,
    preferences: preferences.data,
    targets: checkedTargets(input, set, at),
  };
}

function checkedTargets(
  { DeploymentTargets: given, Regions }: sdk.UpdateStackSetInput,
  set: StackSetRecord,
  { kernel }: StacksAt,
): DeploymentTargets {
  if (!given !== !Regions) throw invalid('You must specify both DeploymentTargets and Regions, or neither');
  if (!given) return { units: set.units };
  if (Regions!.length !== set.regions.length || !Regions!.every((region) => set.regions.includes(region)))
    throw notModelled('UpdateStackSet in some of the Regions of a StackSet');
  const targets = targetsOf(given);
  // Public reports of Terraform's users have this message.
  for (const unit of targets.units)
    if (!set.units.includes(unit)) throw invalid(`Organizational unit ${unit} not found in StackSet`);
  if (accountsOfTargets(kernel, targets).length === 0) throw invalid('No account matches the deployment targets');
  return targets;
}

function targetsOf(given: sdk.DeploymentTargets): DeploymentTargets {
  onlyMembers('DeploymentTargets', given, ['OrganizationalUnitIds', 'Accounts', 'AccountFilterType']);
  const { OrganizationalUnitIds: units = [], Accounts: accounts, AccountFilterType: filter = 'UNION' } = given;
  if (units.length === 0) throw notModelled('DeploymentTargets without OrganizationalUnitIds');
  if (filter === 'NONE' || !accounts) return { units };
  if (filter === 'UNION') throw notModelled('DeploymentTargets with the AccountFilterType UNION');
  return { units, accounts, filter };
}
