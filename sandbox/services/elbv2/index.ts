/**
 * Elastic Load Balancing v2, as far as security groups are attached to load balancers: no listeners, no targets.
 * Source: Elastic Load Balancing API reference, version 2015-12-01.
 */
import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { type At, AwsError, defineService, type Need } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';
import { attachTo, detach, groupsOf, makeInterfaces, NetworkRefused, vpcOf } from './network.ts';
import { type Balancer, type BalancerState, newState, shown } from './state.ts';

type Here = At<BalancerState>;
const PAGE = 400;

export const elbv2 = defineService<typeof sdk, BalancerState>({
  name: 'elbv2',
  sdk,
  client: sdk.ElasticLoadBalancingV2Client,
  prefix: 'elasticloadbalancing',
  scope: 'region',
  state: newState,
  operations: {
    CreateLoadBalancer: {
      needs: (input, at) => [needOn('CreateLoadBalancer', arnFor(at, input.Type, input.Name ?? '*', '*'), at)],
      run: (input, at) => {
        onlyMembers('CreateLoadBalancer', input, ['Name', 'Type', 'Subnets', 'SecurityGroups', 'Scheme', 'Tags']);
        return { LoadBalancers: [create(input, at)] };
      },
    },
    DescribeLoadBalancers: {
      run: (input, at) => {
        onlyMembers('DescribeLoadBalancers', input, ['LoadBalancerArns', 'Names', 'Marker', 'PageSize']);
        const page = pageOf(named(input, at), input.Marker, input.PageSize ?? PAGE, () =>
          invalid('ValidationError', 'The marker is not valid'),
        );
        return {
          LoadBalancers: page.items.map((balancer) => shown(balancer, groupsOf(balancer, at))),
          NextMarker: page.nextToken,
        };
      },
    },
    DeleteLoadBalancer: {
      needs: (input, at) => [needOn('DeleteLoadBalancer', input.LoadBalancerArn ?? '*', at)],
      run: (input, at) => {
        onlyMembers('DeleteLoadBalancer', input, ['LoadBalancerArn']);
        const balancer = at.state.balancers.get(input.LoadBalancerArn ?? '');
        if (!balancer) return {};
        detach(balancer, at);
        at.state.balancers.delete(balancer.arn);
        return {};
      },
    },
    SetSecurityGroups: {
      needs: (input, at) => [
        needOn('SetSecurityGroups', input.LoadBalancerArn ?? '*', at, {
          'elasticloadbalancing:SecurityGroup': input.SecurityGroups ?? [],
        }),
      ],
      run: (input, at) => {
        onlyMembers('SetSecurityGroups', input, ['LoadBalancerArn', 'SecurityGroups']);
        const balancer = balancerWith(input.LoadBalancerArn, at);
        if (balancer.type === 'network' && !balancer.withGroups)
          throw invalid(
            'InvalidConfigurationRequestException',
            'You cannot set security groups on a Network Load Balancer that was created without security groups.',
          );
        refusals(() => attachTo(balancer, input.SecurityGroups ?? [], at));
        return { SecurityGroupIds: groupsOf(balancer, at) };
      },
    },
    AddTags: {
      needs: (input, at) => (input.ResourceArns ?? []).map((arn) => needOn('AddTags', arn, at)),
      run: (input, at) => {
        for (const arn of input.ResourceArns ?? []) {
          const balancer = balancerWith(arn, at);
          const tags = { ...balancer.tags, ...recordOf(input.Tags) };
          at.state.balancers.set(arn, { ...balancer, tags });
        }
        return {};
      },
    },
    DescribeTags: {
      run: (input, at) => ({
        TagDescriptions: (input.ResourceArns ?? []).map((ResourceArn) => ({
          ResourceArn,
          Tags: Object.entries(balancerWith(ResourceArn, at).tags).map(([Key, Value]) => ({ Key, Value })),
        })),
      }),
    },
  },
});

/** Without groups an Application Load Balancer gets its VPC's default group; a Network Load Balancer has none for ever. */
function create(input: sdk.CreateLoadBalancerCommandInput, at: Here): sdk.LoadBalancer {
  const { Name: name = '', Type: type = 'application', Subnets = [], SecurityGroups = [] } = input;
  if (type === 'gateway') throw notModelled('Gateway Load Balancers');
  if ([...at.state.balancers.values()].some((other) => other.name === name))
    throw invalid(
      'DuplicateLoadBalancerNameException',
      `A load balancer with the same name '${name}' exists, but with different settings`,
    );
  const arn = arnFor(at, type, name, at.kernel.id('', 16));
  const description = `ELB ${arn.slice(arn.indexOf('loadbalancer/') + 'loadbalancer/'.length)}`;
  const made = refusals(() => makeInterfaces(Subnets, SecurityGroups, { type, description }, at));
  const balancer: Balancer = {
    arn,
    name,
    type,
    scheme: input.Scheme ?? 'internet-facing',
    vpcId: vpcOf(Subnets, at),
    interfaces: made,
    withGroups: type === 'application' || SecurityGroups.length > 0,
    createdAt: at.kernel.clock.now(),
    tags: recordOf(input.Tags),
  };
  at.state.balancers.set(arn, balancer);
  return shown(balancer, groupsOf(balancer, at));
}

function named(input: sdk.DescribeLoadBalancersCommandInput, at: Here): Balancer[] {
  const all = [...at.state.balancers.values()];
  if (input.LoadBalancerArns?.length) return input.LoadBalancerArns.map((arn) => balancerWith(arn, at));
  if (!input.Names?.length) return all;
  const missing = input.Names.filter((name) => !all.some((balancer) => balancer.name === name));
  if (missing.length > 0)
    throw invalid('LoadBalancerNotFoundException', `Load balancers '[${missing.join(', ')}]' not found`);
  return all.filter(({ name }) => input.Names!.includes(name));
}

function balancerWith(arn: string | undefined, at: Here): Balancer {
  const balancer = at.state.balancers.get(arn ?? '');
  if (!balancer) throw invalid('LoadBalancerNotFoundException', `Load balancers '[${arn}]' not found`);
  return balancer;
}

/** What EC2 refuses, in the words of this service. */
function refusals<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof NetworkRefused) throw invalid('InvalidConfigurationRequestException', error.message);
    if (!(error instanceof AwsError)) throw error;
    if (error.code.startsWith('InvalidGroup')) throw invalid('InvalidSecurityGroupException', error.message);
    if (error.code.startsWith('InvalidSubnet')) throw invalid('SubnetNotFoundException', error.message);
    throw error;
  }
}

const needOn = (action: string, resource: string, at: Here, context: Need['context'] = {}): Need => ({
  action: `elasticloadbalancing:${action}`,
  resource,
  context,
  resourceTags: at.state.balancers.get(resource)?.tags ?? {},
});

const arnFor = ({ partition, region, account }: Here, type: string | undefined, name: string, id: string): string =>
  `arn:${partition}:elasticloadbalancing:${region}:${account}:loadbalancer/${type === 'network' ? 'net' : 'app'}/${name}/${id}`;

const recordOf = (tags: readonly sdk.Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

const invalid = (code: string, message: string): AwsError => new AwsError(code, message);
