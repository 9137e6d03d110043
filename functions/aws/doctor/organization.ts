/** Reads of the security account for doctor: Security Hub, Organizations, EventBridge, SQS and Step Functions. */
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionConcurrencyCommand, LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { OrganizationsClient, paginateListDelegatedAdministrators } from '@aws-sdk/client-organizations';
import {
  DescribeHubCommand,
  DescribeOrganizationConfigurationCommand,
  GetFindingAggregatorCommand,
  ListFindingAggregatorsCommand,
  paginateGetEnabledStandards,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { isDenial, isNamed } from '../../contract/errors.ts';
import { NAMES } from '../installation.ts';
import { type PolicyIds, policyDeployments } from '../policy-deployments.ts';

const NOT_SUBSCRIBED = /not subscribed/;

export function organizationReads(rulePrefix: string, policy: Omit<PolicyIds, 'strategy'>) {
  const [hub, organizations] = [new SecurityHubClient({}), new OrganizationsClient({})];
  const [events, sqs, states] = [new EventBridgeClient({}), new SQSClient({}), new SFNClient({})];
  const lambda = new LambdaClient({});
  const deployments = policyDeployments(new AppConfigClient({}), { ...policy, strategy: '' });
  return {
    async delegatedAdministrators(ServicePrincipal: string) {
      const ids: string[] = [];
      const pages = paginateListDelegatedAdministrators({ client: organizations }, { ServicePrincipal });
      for await (const { DelegatedAdministrators = [] } of pages)
        ids.push(...DelegatedAdministrators.map(({ Id }) => Id!));
      return ids;
    },
    hub: () => readHub(hub),
    async aggregator() {
      const { FindingAggregators = [] } = await hub.send(new ListFindingAggregatorsCommand({}));
      const [first] = FindingAggregators;
      if (!first) return undefined;
      const { FindingAggregatorArn } = first;
      const answer = await hub.send(new GetFindingAggregatorCommand({ FindingAggregatorArn }));
      const { FindingAggregationRegion: region = '', RegionLinkingMode: mode = '', Regions: regions = [] } = answer;
      return { region, mode, regions };
    },
    async standards() {
      const arns: string[] = [];
      for await (const { StandardsSubscriptions = [] } of paginateGetEnabledStandards({ client: hub }, {}))
        arns.push(...StandardsSubscriptions.map(({ StandardsArn }) => StandardsArn!));
      return arns;
    },
    async enablesNewAccounts() {
      try {
        const answer = await hub.send(new DescribeOrganizationConfigurationCommand({}));
        return answer.AutoEnable === true || answer.OrganizationConfiguration?.ConfigurationType === 'CENTRAL';
      } catch (error) {
        if (isNamed(error, 'InvalidAccessException')) return undefined;
        throw error;
      }
    },
    rules: () => readRules(events, rulePrefix),
    queue: (name: string) => readQueue(sqs, name),
    async isActive(stateMachineArn: string) {
      try {
        // To read the definition too, this function would need the key that encrypts it.
        const command = new DescribeStateMachineCommand({ stateMachineArn, includedData: 'METADATA_ONLY' });
        return (await states.send(command)).status === 'ACTIVE';
      } catch (error) {
        if (isNamed(error, 'StateMachineDoesNotExist')) return undefined;
        throw error;
      }
    },
    stoppedFunctions: () => readStoppedFunctions(lambda, NAMES.own),
    policy: () => deployments.live(),
  };
}

/** Returns undefined if Security Hub is off. */
export async function readHub(client: SecurityHubClient): Promise<{ readonly findings: string } | undefined> {
  try {
    const { ControlFindingGenerator = '' } = await client.send(new DescribeHubCommand({}));
    return { findings: ControlFindingGenerator };
  } catch (error) {
    // https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html
    if (isNamed(error, 'ResourceNotFoundException')) return undefined;
    if (isDenial(error) && NOT_SUBSCRIBED.test((error as Error).message)) return undefined;
    throw error;
  }
}

async function readRules(client: EventBridgeClient, NamePrefix: string) {
  const rules = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListRulesCommand({ NamePrefix, NextToken }));
    for (const { Name, State, EventPattern } of page.Rules ?? []) {
      const { Targets = [] } = await client.send(new ListTargetsByRuleCommand({ Rule: Name }));
      const targets = Targets.map(({ Arn, DeadLetterConfig }) => ({ arn: Arn!, deadLetters: DeadLetterConfig?.Arn }));
      rules.push({ name: Name!, enabled: State !== 'DISABLED', pattern: EventPattern, targets });
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return rules;
}

/** Omits functions of remediations: in a trial, the account has hundreds, and Lambda takes 15 such requests a second. */
async function readStoppedFunctions(client: LambdaClient, own: (name: string) => string): Promise<string[]> {
  const stopped: string[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client }, {}))
    for (const { FunctionName = '' } of Functions) {
      const ofRemediation = REMEDIATION_FUNCTIONS.some((beginning) => FunctionName.startsWith(own(beginning)));
      if (ofRemediation || !FunctionName.startsWith(own(''))) continue;
      const command = new GetFunctionConcurrencyCommand({ FunctionName });
      if ((await client.send(command)).ReservedConcurrentExecutions === 0) stopped.push(FunctionName);
    }
  return stopped;
}

const REMEDIATION_FUNCTIONS = ['remediation-', 'rollback-'];

async function readQueue(sqs: SQSClient, QueueName: string) {
  try {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    const AttributeNames = ['ApproximateNumberOfMessages', 'KmsMasterKeyId', 'RedrivePolicy'] as const;
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
    const { Attributes = {} } = await sqs.send(command);
    const redrive = Attributes.RedrivePolicy && JSON.parse(Attributes.RedrivePolicy);
    return {
      messages: Number(Attributes.ApproximateNumberOfMessages ?? 0),
      encrypted: Boolean(Attributes.KmsMasterKeyId),
      deadLetters: redrive?.deadLetterTargetArn?.split(':').at(-1) as string | undefined,
    };
  } catch (error) {
    if (isNamed(error, 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue')) return undefined;
    throw error;
  }
}
