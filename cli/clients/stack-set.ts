/** The member role's StackSet, as its administrator sees it. */
import {
  CloudFormationClient,
  type CloudFormationClientConfig,
  DescribeStackSetCommand,
  DescribeStackSetOperationCommand,
  ListStackSetOperationsCommand,
  paginateListStackInstances,
  paginateListStackSetOperationResults,
  type StackSetOperationPreferences,
  type StackSetOperationStatus,
  UpdateStackSetCommand,
} from '@aws-sdk/client-cloudformation';
import { isNamed } from '../../functions/contract/errors.ts';
import { Failure } from '../errors/failure.ts';

export type StackSetPlace = {
  readonly name: string;
  /** The stack that deploys it. */
  readonly stack: string;
  readonly callAs: 'SELF' | 'DELEGATED_ADMIN';
  readonly aws: CloudFormationClientConfig;
};

export type StackSetState = {
  readonly template: string;
  readonly description: string | undefined;
  /** The organizational units that it was deployed to. */
  readonly units: readonly string[];
  readonly regions: readonly string[];
};

export type RolloutInstance = {
  readonly account: string;
  readonly status: 'CURRENT' | 'OUTDATED' | 'INOPERABLE';
  readonly reason?: string | undefined;
};

export type AccountResult = {
  readonly account: string;
  readonly status: string;
  readonly reason: string;
};

export type StackSetUpdate = {
  /** AWS performs an operation with the same id once. */
  readonly operation: string;
  /** Absent: the StackSet keeps its template, and other instances their status. */
  readonly template?: { readonly body: string } | { readonly url: string };
  readonly description: string | undefined;
  readonly regions: readonly string[];
  /** Units that the StackSet was deployed to: AWS refuses others. */
  readonly units: readonly string[];
  /** The accounts of the units that are updated. */
  readonly accounts: readonly string[];
  readonly preferences: StackSetOperationPreferences;
};

export type StackSetClient = ReturnType<typeof stackSetClient>;

const OPEN_STATUSES: ReadonlySet<string> = new Set([
  'RUNNING',
  'QUEUED',
  'STOPPING',
] satisfies StackSetOperationStatus[]);
export const isOpenStatus = (status: string): boolean => OPEN_STATUSES.has(status);

/**
 * Returns the calls of one StackSet.
 * @throws Failure from each call, with what to do, if the StackSet does not exist or AWS denies the call
 */
export function stackSetClient({ name, stack, callAs, aws }: StackSetPlace) {
  const client = new CloudFormationClient(aws);
  const request = { StackSetName: name, CallAs: callAs } as const;
  const withHint = <T>(work: () => Promise<T>) => withStackSetHint({ name, stack }, work);
  return {
    state: () =>
      withHint(async (): Promise<StackSetState> => {
        const { StackSet = {} } = await client.send(new DescribeStackSetCommand(request));
        const { TemplateBody = '', Description, OrganizationalUnitIds = [], Regions = [] } = StackSet;
        return { template: TemplateBody, description: Description, units: OrganizationalUnitIds, regions: Regions };
      }),
    instances: () =>
      withHint(async (): Promise<RolloutInstance[]> => {
        const instances: RolloutInstance[] = [];
        for await (const { Summaries = [] } of paginateListStackInstances({ client }, request))
          for (const { Account, Status, StatusReason } of Summaries)
            instances.push({ account: Account!, status: Status!, reason: StatusReason });
        return instances;
      }),
    /** Reads one page: AWS lists the newest operations first, and so all open ones. */
    openOperations: () =>
      withHint(async (): Promise<string[]> => {
        const { Summaries = [] } = await client.send(new ListStackSetOperationsCommand(request));
        return Summaries.filter(({ Status = '' }) => isOpenStatus(Status)).map(({ OperationId }) => OperationId!);
      }),
    begin: (update: StackSetUpdate) => withHint(() => begin(client, request, update)),
    status: (OperationId: string) =>
      withHint(async (): Promise<string> => {
        const command = new DescribeStackSetOperationCommand({ ...request, OperationId });
        const { StackSetOperation } = await client.send(command);
        return StackSetOperation!.Status!;
      }),
    results: (OperationId: string) =>
      withHint(async (): Promise<AccountResult[]> => {
        const results: AccountResult[] = [];
        const pages = paginateListStackSetOperationResults({ client }, { ...request, OperationId });
        for await (const { Summaries = [] } of pages)
          for (const { Account, Status, StatusReason = 'AWS gives no reason' } of Summaries)
            results.push({ account: Account!, status: Status!, reason: StatusReason });
        return results;
      }),
  };
}

async function begin(
  client: CloudFormationClient,
  request: { readonly StackSetName: string; readonly CallAs: 'SELF' | 'DELEGATED_ADMIN' },
  { operation, template, description, regions, units, accounts, preferences }: StackSetUpdate,
): Promise<void> {
  const command = new UpdateStackSetCommand({
    ...request,
    ...templateMembers(template),
    Description: description,
    Capabilities: ['CAPABILITY_NAMED_IAM'],
    OperationId: operation,
    OperationPreferences: preferences,
    Regions: [...regions],
    DeploymentTargets: {
      OrganizationalUnitIds: [...units],
      Accounts: [...accounts],
      AccountFilterType: 'INTERSECTION',
    },
  });
  try {
    await client.send(command);
  } catch (error) {
    // The SDK sent the request again, because the first answer got lost.
    if (!isNamed(error, 'OperationIdAlreadyExistsException')) throw error;
  }
}

function templateMembers(template: StackSetUpdate['template']) {
  if (!template) return { UsePreviousTemplate: true };
  return 'body' in template ? { TemplateBody: template.body } : { TemplateURL: template.url };
}

async function withStackSetHint<T>(
  { name, stack }: Pick<StackSetPlace, 'name' | 'stack'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { message } = error as Error;
    if (isNamed(error, 'StackSetNotFoundException'))
      throw new Failure(
        `There is no StackSet ${name} in this account and Region. Deploy it first: npx cdk deploy --exclusively ${stack}`,
      );
    if (isNamed(error, 'OperationInProgressException')) throw operationInProgress(message);
    if (isNamed(error, 'AccessDenied', 'AccessDeniedException'))
      throw new Failure(`${message} The permissions that a rollout needs: docs/deploy.md#roll-out-unit-by-unit.`);
    throw error;
  }
}

export const operationInProgress = (detail: string): Failure =>
  new Failure(
    `Another operation of the StackSet is under way, and nothing was begun: ${detail}. Wait until it has ended (aws cloudformation list-stack-set-operations), and run the command again.`,
  );
