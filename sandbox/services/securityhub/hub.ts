import type * as sdk from '@aws-sdk/client-securityhub';
import { AwsError, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import { onlyMembers, pageOf } from '../requests.ts';
import {
  checkSubscribed,
  hubArn,
  invalidInput,
  isSubscribed,
  type SecurityHubAt,
  type SecurityHubState,
} from './state.ts';

const hubNeeds =
  (action: string) =>
  (_: unknown, at: SecurityHubAt): Need[] => [{ action: `securityhub:${action}`, resource: hubArn(at) }];

export const hubOperations: ServiceOperations<typeof sdk, SecurityHubState> = {
  EnableSecurityHub: {
    needs: hubNeeds('EnableSecurityHub'),
    run: (input, at) => {
      onlyMembers('EnableSecurityHub', input, ['EnableDefaultStandards']);
      if (isSubscribed(at.state, at))
        throw new AwsError('ResourceConflictException', 'Account is already subscribed to Security Hub', 409);
      at.state.hubs.set(`${at.account}/${at.region}`, timestamp(at));
      return {};
    },
  },
  DescribeHub: {
    needs: hubNeeds('DescribeHub'),
    run: (input, at) => {
      onlyMembers('DescribeHub', input, ['HubArn']);
      checkSubscribed(at);
      if (input.HubArn !== undefined && input.HubArn !== hubArn(at))
        throw new AwsError('ResourceNotFoundException', `The hub ${input.HubArn} was not found`, 404);
      return {
        HubArn: hubArn(at),
        SubscribedAt: at.state.hubs.get(`${at.account}/${at.region}`),
        AutoEnableControls: true,
        ControlFindingGenerator: at.state.settings.findings,
      };
    },
  },
  GetEnabledStandards: {
    needs: hubNeeds('GetEnabledStandards'),
    run: (input, at) => {
      onlyMembers('GetEnabledStandards', input, ['NextToken', 'MaxResults']);
      checkSubscribed(at);
      const prefix = `arn:${at.partition}:securityhub:${at.region}`;
      return {
        StandardsSubscriptions: at.state.settings.standards.map((standard) => ({
          StandardsArn: `${prefix}::${standard}`,
          StandardsSubscriptionArn: `${prefix}:${at.account}:${standard.replace('standards/', 'subscription/')}`,
          StandardsInput: {},
          StandardsStatus: 'READY' as const,
        })),
      };
    },
  },
  DescribeOrganizationConfiguration: {
    needs: hubNeeds('DescribeOrganizationConfiguration'),
    run: (input, at) => {
      onlyMembers('DescribeOrganizationConfiguration', input, []);
      checkSubscribed(at);
      const { home, settings } = at.state;
      if (home?.account !== at.account)
        throw new AwsError(
          'InvalidAccessException',
          `Account ${at.account} is not an administrator for this organization`,
          401,
        );
      return {
        AutoEnable: settings.autoEnable,
        MemberAccountLimitReached: false,
        AutoEnableStandards: 'DEFAULT',
        OrganizationConfiguration: { ConfigurationType: settings.configuration, Status: 'ENABLED' },
      };
    },
  },
  CreateActionTarget: {
    needs: hubNeeds('CreateActionTarget'),
    run: (input, at) => {
      onlyMembers('CreateActionTarget', input, ['Name', 'Description', 'Id']);
      checkSubscribed(at);
      const { Id = '', Name: name = '', Description: description = '' } = input;
      if (!/^[A-Za-z0-9]{1,20}$/.test(Id)) throw invalidInput(`Invalid parameter 'Id': ${Id}`);
      if (name.length < 1 || name.length > 20) throw invalidInput(`Invalid parameter 'Name': ${name}`);
      const arn = `arn:${at.partition}:securityhub:${at.region}:${at.account}:action/custom/${Id}`;
      if (at.state.actionTargets.has(arn))
        throw new AwsError('ResourceConflictException', `The action target ${arn} already exists`, 409);
      at.state.actionTargets.set(arn, { arn, name, description });
      return { ActionTargetArn: arn };
    },
  },
  DescribeActionTargets: {
    needs: hubNeeds('DescribeActionTargets'),
    run: (input, at) => {
      onlyMembers('DescribeActionTargets', input, ['ActionTargetArns', 'NextToken', 'MaxResults']);
      checkSubscribed(at);
      const ownTargets = [...at.state.actionTargets.values()].filter((target) =>
        target.arn.startsWith(hubArn(at).replace('hub/default', 'action/')),
      );
      const unknown = input.ActionTargetArns?.find((arn) => !ownTargets.some((target) => target.arn === arn));
      if (unknown !== undefined)
        throw new AwsError('ResourceNotFoundException', `The action target ${unknown} was not found`, 404);
      const selected = input.ActionTargetArns?.length
        ? ownTargets.filter((target) => input.ActionTargetArns!.includes(target.arn))
        : ownTargets;
      const page = pageOf(selected, input.NextToken, input.MaxResults ?? 100, () => invalidInput('Invalid token'));
      const ActionTargets = page.items.map(({ arn, name, description }) => ({
        ActionTargetArn: arn,
        Name: name,
        Description: description,
      }));
      return { ActionTargets, NextToken: page.nextToken };
    },
  },
  ListFindingAggregators: {
    run: (input, at) => {
      onlyMembers('ListFindingAggregators', input, ['NextToken', 'MaxResults']);
      const { home } = at.state;
      return { FindingAggregators: home?.account === at.account ? [{ FindingAggregatorArn: home.aggregatorArn }] : [] };
    },
  },
  GetFindingAggregator: {
    needs: (input): Need[] => [
      { action: 'securityhub:GetFindingAggregator', resource: input.FindingAggregatorArn ?? '*' },
    ],
    run: (input, at) => {
      onlyMembers('GetFindingAggregator', input, ['FindingAggregatorArn']);
      const { home, settings } = at.state;
      const { linkedRegions } = settings;
      if (home?.account !== at.account || home.aggregatorArn !== input.FindingAggregatorArn)
        throw new AwsError(
          'ResourceNotFoundException',
          `The finding aggregator ${input.FindingAggregatorArn} was not found`,
          404,
        );
      return {
        FindingAggregatorArn: home.aggregatorArn,
        FindingAggregationRegion: home.region,
        ...(linkedRegions
          ? { RegionLinkingMode: 'SPECIFIED_REGIONS', Regions: linkedRegions }
          : { RegionLinkingMode: 'ALL_REGIONS' }),
      };
    },
  },
};

const timestamp = (at: SecurityHubAt): string => new Date(at.kernel.clock.now()).toISOString();
