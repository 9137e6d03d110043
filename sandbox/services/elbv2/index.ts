/**
 * Load balancers, their security groups, attributes and listeners. Targets are not modelled.
 * Source: Elastic Load Balancing API reference, version 2015-12-01.
 */
import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, defineService, type Need } from '../../kernel/kernel.ts';
import { EC2 } from '../ec2/state.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';
import { changedAttributes, DEFAULT_ATTRIBUTES, describeAttributes } from './attributes.ts';
import { elbv2Comparison } from './comparison.ts';
import { listenerOperations } from './listeners.ts';
import {
  createInterfaces,
  deleteInterfaces,
  InvalidNetworkError,
  loadBalancerGroups,
  setInterfaceGroups,
  vpcOfSubnets,
} from './network.ts';
import { describeLoadBalancer, ELBV2, type Elbv2At, type Elbv2State, type LoadBalancerRecord } from './state.ts';

const DEFAULT_PAGE_SIZE = 400;

export const elbv2 = defineService<typeof sdk, Elbv2State>({
  ...ELBV2,
  ...elbv2Comparison,
  sdk,
  client: sdk.ElasticLoadBalancingV2Client,
  prefix: 'elasticloadbalancing',
  alsoWrites: [EC2],
  operations: {
    ...listenerOperations,
    CreateLoadBalancer: {
      needs: (input, at) => [
        elbv2Need('CreateLoadBalancer', loadBalancerArn(at, input.Type, input.Name ?? '*', '*'), at),
      ],
      run: (input, at) => {
        onlyMembers('CreateLoadBalancer', input, ['Name', 'Type', 'Subnets', 'SecurityGroups', 'Scheme', 'Tags']);
        return { LoadBalancers: [createLoadBalancer(input, at)] };
      },
    },
    DescribeLoadBalancers: {
      run: (input, at) => {
        onlyMembers('DescribeLoadBalancers', input, ['LoadBalancerArns', 'Names', 'Marker', 'PageSize']);
        const page = pageOf(requestedLoadBalancers(input, at), input.Marker, input.PageSize ?? DEFAULT_PAGE_SIZE, () =>
          elbv2Error('ValidationError', 'The marker is not valid'),
        );
        return {
          LoadBalancers: page.items.map((loadBalancer) =>
            describeLoadBalancer(loadBalancer, loadBalancerGroups(loadBalancer, at)),
          ),
          NextMarker: page.nextToken,
        };
      },
    },
    DeleteLoadBalancer: {
      needs: (input, at) => [elbv2Need('DeleteLoadBalancer', input.LoadBalancerArn ?? '*', at)],
      run: (input, at) => {
        onlyMembers('DeleteLoadBalancer', input, ['LoadBalancerArn']);
        const loadBalancer = at.state.loadBalancers.get(input.LoadBalancerArn ?? '');
        if (!loadBalancer) return {};
        if (loadBalancer.attributes['deletion_protection.enabled'] === 'true')
          throw elbv2Error(
            'OperationNotPermittedException',
            `Load balancer '${loadBalancer.arn}' cannot be deleted because deletion protection is enabled`,
          );
        deleteInterfaces(loadBalancer, at);
        at.state.loadBalancers.delete(loadBalancer.arn);
        for (const { arn, balancer } of at.state.listeners.values())
          if (balancer === loadBalancer.arn) at.state.listeners.delete(arn);
        return {};
      },
    },
    SetSecurityGroups: {
      needs: (input, at) => [
        elbv2Need('SetSecurityGroups', input.LoadBalancerArn ?? '*', at, {
          'elasticloadbalancing:SecurityGroup': input.SecurityGroups ?? [],
        }),
      ],
      run: (input, at) => {
        onlyMembers('SetSecurityGroups', input, ['LoadBalancerArn', 'SecurityGroups']);
        const loadBalancer = existingLoadBalancer(input.LoadBalancerArn, at);
        if (loadBalancer.type === 'network' && !loadBalancer.supportsGroups)
          throw elbv2Error(
            'InvalidConfigurationRequestException',
            'You cannot set security groups on a Network Load Balancer that was created without security groups.',
          );
        translateErrors(() => setInterfaceGroups(loadBalancer, input.SecurityGroups ?? [], at));
        return { SecurityGroupIds: loadBalancerGroups(loadBalancer, at) };
      },
    },
    DescribeLoadBalancerAttributes: {
      needs: () => [{ action: 'elasticloadbalancing:DescribeLoadBalancerAttributes', resource: '*' }],
      run: (input, at) => {
        onlyMembers('DescribeLoadBalancerAttributes', input, ['LoadBalancerArn']);
        return { Attributes: describeAttributes(existingLoadBalancer(input.LoadBalancerArn, at).attributes) };
      },
    },
    ModifyLoadBalancerAttributes: {
      needs: (input, at) => [elbv2Need('ModifyLoadBalancerAttributes', input.LoadBalancerArn ?? '*', at)],
      run: (input, at) => {
        onlyMembers('ModifyLoadBalancerAttributes', input, ['LoadBalancerArn', 'Attributes']);
        const loadBalancer = existingLoadBalancer(input.LoadBalancerArn, at);
        const attributes = changedAttributes(loadBalancer, input.Attributes ?? []);
        at.state.loadBalancers.set(loadBalancer.arn, { ...loadBalancer, attributes });
        return { Attributes: describeAttributes(attributes) };
      },
    },
    RemoveTags: {
      needs: (input, at) => (input.ResourceArns ?? []).map((arn) => elbv2Need('RemoveTags', arn, at)),
      run: (input, at) => {
        for (const arn of input.ResourceArns ?? []) {
          const loadBalancer = existingLoadBalancer(arn, at);
          const left = Object.entries(loadBalancer.tags).filter(([key]) => !input.TagKeys?.includes(key));
          at.state.loadBalancers.set(arn, { ...loadBalancer, tags: Object.fromEntries(left) });
        }
        return {};
      },
    },
    AddTags: {
      needs: (input, at) => (input.ResourceArns ?? []).map((arn) => elbv2Need('AddTags', arn, at)),
      run: (input, at) => {
        for (const arn of input.ResourceArns ?? []) {
          const loadBalancer = existingLoadBalancer(arn, at);
          const tags = { ...loadBalancer.tags, ...tagsOf(input.Tags) };
          at.state.loadBalancers.set(arn, { ...loadBalancer, tags });
        }
        return {};
      },
    },
    DescribeTags: {
      run: (input, at) => ({
        TagDescriptions: (input.ResourceArns ?? []).map((ResourceArn) => ({
          ResourceArn,
          Tags: Object.entries(existingLoadBalancer(ResourceArn, at).tags).map(([Key, Value]) => ({ Key, Value })),
        })),
      }),
    },
  },
});

/**
 * Without groups in the request, an Application Load Balancer gets its VPC's default group; a Network Load Balancer can
 * never have any.
 */
function createLoadBalancer(input: sdk.CreateLoadBalancerCommandInput, at: Elbv2At): sdk.LoadBalancer {
  const { Name: name = '', Type: type = 'application', Subnets = [], SecurityGroups = [] } = input;
  if (type === 'gateway') throw notModelled('Gateway Load Balancers');
  if ([...at.state.loadBalancers.values()].some((other) => other.name === name))
    throw elbv2Error(
      'DuplicateLoadBalancerNameException',
      `A load balancer with the same name '${name}' exists, but with different settings`,
    );
  const arn = loadBalancerArn(at, type, name, at.kernel.id('', 16, 'loadbalancer/'));
  const description = `ELB ${arn.slice(arn.indexOf('loadbalancer/') + 'loadbalancer/'.length)}`;
  const interfaces = translateErrors(() => createInterfaces(Subnets, SecurityGroups, { type, description }, at));
  const loadBalancer: LoadBalancerRecord = {
    arn,
    name,
    type,
    scheme: input.Scheme ?? 'internet-facing',
    vpcId: vpcOfSubnets(Subnets, at),
    interfaces,
    supportsGroups: type === 'application' || SecurityGroups.length > 0,
    createdAt: at.kernel.clock.now(),
    attributes: DEFAULT_ATTRIBUTES[type],
    tags: tagsOf(input.Tags),
  };
  at.state.loadBalancers.set(arn, loadBalancer);
  return describeLoadBalancer(loadBalancer, loadBalancerGroups(loadBalancer, at));
}

function requestedLoadBalancers(input: sdk.DescribeLoadBalancersCommandInput, at: Elbv2At): LoadBalancerRecord[] {
  const all = [...at.state.loadBalancers.values()];
  if (input.LoadBalancerArns?.length) return input.LoadBalancerArns.map((arn) => existingLoadBalancer(arn, at));
  if (!input.Names?.length) return all;
  const missing = input.Names.filter((name) => !all.some((loadBalancer) => loadBalancer.name === name));
  if (missing.length > 0)
    throw elbv2Error('LoadBalancerNotFoundException', `Load balancers '[${missing.join(', ')}]' not found`);
  return all.filter(({ name }) => input.Names!.includes(name));
}

function existingLoadBalancer(arn: string | undefined, at: Elbv2At): LoadBalancerRecord {
  const loadBalancer = at.state.loadBalancers.get(arn ?? '');
  if (!loadBalancer) throw elbv2Error('LoadBalancerNotFoundException', `Load balancers '[${arn}]' not found`);
  return loadBalancer;
}

function translateErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidNetworkError) throw elbv2Error('InvalidConfigurationRequestException', error.message);
    if (!(error instanceof AwsError)) throw error;
    if (error.code.startsWith('InvalidGroup')) throw elbv2Error('InvalidSecurityGroupException', error.message);
    if (error.code.startsWith('InvalidSubnet')) throw elbv2Error('SubnetNotFoundException', error.message);
    throw error;
  }
}

const elbv2Need = (action: string, resource: string, at: Elbv2At, context: Need['context'] = {}): Need => ({
  action: `elasticloadbalancing:${action}`,
  resource,
  context,
  resourceTags: at.state.loadBalancers.get(resource)?.tags ?? {},
});

const loadBalancerArn = (
  { partition, region, account }: Elbv2At,
  type: string | undefined,
  name: string,
  id: string,
): string =>
  `arn:${partition}:elasticloadbalancing:${region}:${account}:loadbalancer/${type === 'network' ? 'net' : 'app'}/${name}/${id}`;

const tagsOf = (tags: readonly sdk.Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

const elbv2Error = (code: string, message: string): AwsError => new AwsError(code, message);
